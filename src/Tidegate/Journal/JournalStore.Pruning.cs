namespace Tidegate.Journal;

/// <summary>What may go: events beyond the limits once a later state stands for them, and topics that nobody came back to. Small and often.</summary>
internal sealed partial class JournalStore
{
    // Deleting ten batches takes 70 µs, a thousand 2 ms (and up to 5).
    private const int AtOnce = 10;
    private static readonly TimeSpan SeenEvery = TimeSpan.FromHours(1);

    /// <summary>
    /// Removes a topic's oldest batches as far as the limits ask for it and its state stands for them; asks for a new state where none does yet.
    /// </summary>
    public void Prune(JournalSeat seat, DateTimeOffset now)
    {
        var tooOld = now - limits.MaxAge;
        seat.WantsState |= seat.SinceState > limits.MaxEvents / 2 || (seat.SinceState > 0 && seat.StateAt < tooOld + (limits.MaxAge / 2));
        if (seat.Kept <= limits.MaxEvents && seat.OldestAt > tooOld)
        {
            return;
        }

        var gone = new List<long>();
        foreach (var (id, last, events, at) in Oldest(seat.Row, AtOnce + 1))
        {
            seat.OldestAt = at;
            if (gone.Count == AtOnce || last > seat.StateSeq || (at > tooOld && seat.Kept - events < limits.MaxEvents))
            {
                break;
            }

            gone.Add(id);
            seat.Kept -= events;
        }

        Delete(gone);
    }

    /// <summary>Marks topics that nobody followed for too long, and removes a step of what is marked or too much. True when more may be left to do.</summary>
    public bool Tidy(DateTimeOffset now, IReadOnlyCollection<JournalSeat> followed)
    {
        foreach (var seat in followed.Where(seat => seat.Row > 0 && seat.SeenAt < now - SeenEvery))
        {
            Seen(seat, now);
            seat.SeenAt = now;
        }

        Execute("UPDATE topics SET dropped = 1 WHERE dropped = 0 AND seen < $old AND coalesce((SELECT max(at) FROM batches WHERE topic = topics.id), 0) < $old",
            ("$old", (now - limits.MaxAge).ToUnixTimeMilliseconds()));
        var made = UsedBytes() > limits.MaxBytes && MakeRoom(followed);
        return RemoveDropped() || made;
    }

    /// <summary>Bytes of the pages in use.</summary>
    public long UsedBytes() => (Number("PRAGMA page_count") - Number("PRAGMA freelist_count")) * Number("PRAGMA page_size");

    // The oldest batches that a state stands for; where there are none, the topic that nobody came back to for the longest time.
    private bool MakeRoom(IReadOnlyCollection<JournalSeat> followed)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT b.id, b.topic, b.events FROM batches b JOIN states s ON s.topic = b.topic AND b.last <= s.seq ORDER BY b.id LIMIT 10";
        var gone = new List<long>();
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                gone.Add(reader.GetInt64(0));
                if (followed.FirstOrDefault(seat => seat.Row == reader.GetInt64(1)) is { } seat)
                {
                    seat.Kept -= reader.GetInt32(2);
                }
            }
        }

        if (gone.Count > 0)
        {
            Delete(gone);
            return true;
        }

        // Without a later state none of theirs may go.
        foreach (var seat in followed.Where(seat => seat.SinceState > 0))
        {
            seat.WantsState = true;
        }

        var kept = string.Join(',', followed.Select(seat => seat.Row.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return Execute($"UPDATE topics SET dropped = 1 WHERE id = (SELECT id FROM topics WHERE dropped = 0 AND id NOT IN ({kept}) ORDER BY seen LIMIT 1)") > 0;
    }

    private bool RemoveDropped()
    {
        var topic = Number("SELECT coalesce(min(id), 0) FROM topics WHERE dropped = 1");
        if (topic == 0)
        {
            return false;
        }

        // The newest batch may be among them: the mark must not ask for it after a kill.
        mark.Committed(0);
        var gone = Oldest(topic, AtOnce).ConvertAll(batch => batch.Id);
        if (gone.Count > 0)
        {
            Delete(gone);
        }
        else
        {
            Execute("DELETE FROM states WHERE topic = $topic", ("$topic", topic));
            Execute("DELETE FROM topics WHERE id = $topic", ("$topic", topic));
        }

        return true;
    }

    private List<(long Id, long Last, int Events, DateTimeOffset At)> Oldest(long topic, int count)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, last, events, at FROM batches WHERE topic = $topic ORDER BY id LIMIT $count";
        command.Parameters.AddWithValue("$topic", topic);
        command.Parameters.AddWithValue("$count", count);
        using var reader = command.ExecuteReader();
        var batches = new List<(long, long, int, DateTimeOffset)>();
        while (reader.Read())
        {
            batches.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3))));
        }

        return batches;
    }

    private void Delete(List<long> batches)
    {
        Begin();
        foreach (var id in batches)
        {
            Execute("DELETE FROM batches WHERE id = $id", ("$id", id));
        }

        Step(commit);
    }
}
