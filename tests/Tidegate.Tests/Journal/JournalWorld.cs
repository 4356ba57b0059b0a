using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tidegate.Journal;

namespace Tidegate.Tests.Journal;

/// <summary>A folder with a journal that is opened, killed and opened again; in virtual time where the test moves it.</summary>
internal sealed class JournalWorld : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tidegate-journal-");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public JournalLimits Limits { get; set; } = new(10_000, TimeSpan.FromDays(3), 256 << 20);

    public string BootId { get; set; } = "boot one";

    public Action? BeforeCommit { get; set; }

    public int? Pages { get; set; }

    public EventJournal? Journal { get; private set; }

    public string File(string name) => Path.Combine(folder.FullName, name);

    public EventJournal Open()
    {
        var place = new JournalFolder(folder.FullName, Limits)
        {
            BootId = BootId,
            BeforeCommit = () => BeforeCommit?.Invoke(),
            OnOpen = store =>
            {
                if (Pages is { } pages)
                {
                    store.LimitPages(pages);
                }
            },
        };
        Journal = new EventJournal(place, enabled: true, Time, NullLogger<EventJournal>.Instance);
        Journal.Open();
        return Journal;
    }

    /// <summary>Leaves the files as a kill does: copied while the journal is open, then put in its place.</summary>
    public async Task KillAsync()
    {
        var copy = Directory.CreateTempSubdirectory("tidegate-journal-");
        foreach (var file in folder.GetFiles("journal*"))
        {
            file.CopyTo(Path.Combine(copy.FullName, file.Name));
        }

        await Journal!.DisposeAsync();
        foreach (var file in folder.GetFiles("journal*"))
        {
            file.Delete();
        }

        foreach (var file in copy.GetFiles())
        {
            file.MoveTo(File(file.Name));
        }

        copy.Delete();
    }

    /// <summary>A frame as a topic would hand it over.</summary>
    public static (byte[] Wire, Range Body) Frame(long seq)
    {
        var body = $$"""{"trades":[{"id":"F{{seq}}"}]}""";
        var wire = Encoding.UTF8.GetBytes($$"""??{"seq":{{seq}},"data":{{body}}}""");
        var start = Encoding.UTF8.GetString(wire).IndexOf(body, StringComparison.Ordinal);
        return (wire, start..(start + body.Length));
    }

    public async ValueTask DisposeAsync()
    {
        if (Journal is not null)
        {
            await Journal.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }
}

/// <summary>One topic that hands over to a journal, and what it was told.</summary>
internal sealed class JournalledTopic
{
    private readonly EventJournal journal;
    private readonly Lock gate = new();
    private readonly List<long> published = [];
    private long seq;

    public JournalledTopic(EventJournal journal, string id, TopicPast? past = null)
    {
        this.journal = journal;
        Seat = journal.Take(new JournalSeat("v4_trades", id, past?.Epoch ?? Guid.NewGuid().ToString("N"), Publish, OnLost), past);
        seq = past?.Seq ?? 0;
        if (past is null)
        {
            Put();
        }
    }

    public JournalSeat Seat { get; }

    public volatile bool WasLost;

    /// <summary>Called when the journal says that the epoch has ended.</summary>
    public Action? Lost { get; init; }

    public IReadOnlyList<long> Published
    {
        get
        {
            lock (gate)
            {
                return [.. published];
            }
        }
    }

    public static async Task<JournalledTopic> RestoreAsync(EventJournal journal, string id) =>
        new(journal, id, await journal.ReadAsync("v4_trades", id) ?? throw new InvalidOperationException("nothing is stored of " + id));

    public bool Tell(int rows = 1)
    {
        var (wire, body) = JournalWorld.Frame(++seq);
        var handed = journal.Hand(Seat, seq, wire, body, rows);
        if (Seat.WantsState)
        {
            Seat.WantsState = false;
            Put();
        }

        return handed;
    }

    public void Put() => journal.Put(Seat, seq, Encoding.UTF8.GetBytes($$"""{"state":{{seq}}}"""));

    public Task UntilPublishedAsync(long last) => UntilAsync(() => Published.LastOrDefault() >= last);

    public Task UntilLostAsync() => UntilAsync(() => WasLost);

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            await Task.Delay(1, late.Token);
        }
    }

    private void OnLost()
    {
        Lost?.Invoke();
        WasLost = true;
    }

    private void Publish(JournalEntry entry)
    {
        lock (gate)
        {
            published.Add(entry.Seq);
        }
    }
}
