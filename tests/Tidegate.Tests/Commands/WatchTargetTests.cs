using Microsoft.Extensions.Time.Testing;
using Spectre.Console;
using Tidegate.Commands;

namespace Tidegate.Tests.Commands;

public sealed class WatchTargetTests
{
    [Theory]
    [InlineData("ws://127.0.0.1:8000/ws/dashboard", true, "ws://127.0.0.1:8000/ws/dashboard?subscribe=none")]
    [InlineData("http://gate.example/ws/dashboard/", true, "ws://gate.example/ws/dashboard/?subscribe=none")]
    [InlineData("https://indexer.dydx.trade/v4/ws", false, "wss://indexer.dydx.trade/v4/ws")]
    [InlineData("wss://gate.example/t/SECRET/v4/ws", false, "wss://gate.example/t/SECRET/v4/ws")]
    public void The_path_says_which_protocol_and_a_token_in_it_is_not_shown(string from, bool dashboard, string address)
    {
        var target = WatchTarget.Read(from, "v4_orderbook", "BTC-USD");
        Assert.Equal((dashboard, new Uri(address)), (target.IsDashboard, target.Address));
        Assert.DoesNotContain("SECRET", target.Url, StringComparison.Ordinal);
    }

    [Fact]
    public void A_book_is_shown_as_the_frames_of_either_protocol_leave_it()
    {
        var board = new WatchBoard("v4_orderbook", "BTC-USD", new FakeTimeProvider());
        board.Apply("""{"type":"subscribed","channel":"v4_orderbook","id":"BTC-USD","seq":1,"data":{"bids":[["100","5"],["99","7"]],"asks":[["101","4"]]}}""");
        board.Apply("""{"type":"channel_data","contents":{"bids":[["100","0"]],"asks":[["102","3.25"]]}}""");
        board.Apply("not json");
        board.Apply("""{"type":"feed_status","data":{"mode":"polling\u001b[2J"}}""");
        var text = Draw(board);
        Assert.Contains("3.25", text, StringComparison.Ordinal);
        Assert.Contains("99", text, StringComparison.Ordinal);
        Assert.DoesNotContain("100", text, StringComparison.Ordinal);
        Assert.Contains("polling", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
    }

    [Fact]
    public void A_tape_is_shown_newest_first()
    {
        var board = new WatchBoard("v4_trades", "BTC-USD", new FakeTimeProvider());
        board.Apply("""{"type":"trade_update","seq":1,"data":{"trades":[{"side":"BUY","price":"1"},{"side":"SELL","price":"2"}]}}""");
        var text = Draw(board);
        Assert.True(text.IndexOf("SELL", StringComparison.Ordinal) < text.IndexOf("BUY", StringComparison.Ordinal), text);
    }

    private static string Draw(WatchBoard board)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer) });
        console.Write(board.Render());
        return writer.ToString();
    }
}
