using Tidegate.Topics;

namespace Tidegate.Tests.Topics;

public sealed class StateReachTests
{
    [Fact]
    public void A_state_reaches_back_as_many_rows_as_it_holds_not_as_many_frames()
    {
        var reach = new StateReach(10);
        for (var seq = 1; seq <= 5; seq++)
        {
            reach.Add(seq, 4);
        }

        // Frames 4 and 5 are whole in the ten newest rows; half of frame 3 is gone.
        Assert.True(reach.Covers(3));
        Assert.False(reach.Covers(2));
    }

    [Fact]
    public void A_short_past_is_held_whole()
    {
        var reach = new StateReach(10);
        reach.Add(1, 3);
        reach.Add(2, 7);
        Assert.True(reach.Covers(0));
    }
}
