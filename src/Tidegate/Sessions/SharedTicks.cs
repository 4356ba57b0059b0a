using System.Collections.Immutable;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>
/// The ticks of merging readers: one timer for each interval in use, however many readers, so that those of one topic are served at the same time and
/// share the frame that is merged for them.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SharedTicks(TimeProvider time, Action flush)
{
    private readonly Dictionary<TimeSpan, Beat> beats = [];
    private readonly Lock gate = new();

    /// <summary>From now on the reader is marked due at each tick when it has something, until the result is disposed.</summary>
    public IDisposable Join(Reader reader)
    {
        lock (gate)
        {
            if (!beats.TryGetValue(reader.Conflate, out var beat))
            {
                beats[reader.Conflate] = beat = new Beat();
                beat.Timer = time.CreateTimer(_ => Tick(beat), null, reader.Conflate, reader.Conflate);
            }

            beat.Readers = beat.Readers.Add(reader);
            return new Place(this, beat, reader);
        }
    }

    private void Tick(Beat beat)
    {
        foreach (var reader in beat.Readers)
        {
            if (!reader.Gone && reader.HasMore)
            {
                reader.MarkDueNow();
            }
        }

        flush();
    }

    private void Leave(Beat beat, Reader reader)
    {
        lock (gate)
        {
            beat.Readers = beat.Readers.Remove(reader);
            if (beat.Readers.IsEmpty && beats.Remove(reader.Conflate))
            {
                beat.Timer!.Dispose();
            }
        }
    }

    private sealed class Beat
    {
        private ImmutableHashSet<Reader> readers = [];

        public ITimer? Timer { get; set; }

        public ImmutableHashSet<Reader> Readers
        {
            get => Volatile.Read(ref readers);
            set => Volatile.Write(ref readers, value);
        }
    }

    private sealed class Place(SharedTicks ticks, Beat beat, Reader reader) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                ticks.Leave(beat, reader);
            }
        }
    }
}
