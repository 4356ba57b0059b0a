using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tidegate.Bench.Relay;

namespace Tidegate.Bench.Fan;

/// <summary>What the same web server does by other means: a SignalR hub, and the barest upgraded connection. Each runs in a process of its own.</summary>
internal static class KestrelPeers
{
    /// <summary>Lines become messages to a group each.</summary>
    public static int SignalR(int port, int publish)
    {
        var builder = Builder(port);
        builder.Services.AddSignalR();
        var app = builder.Build();
        app.MapHub<TopicHub>("/hub");
        var hub = app.Services.GetRequiredService<IHubContext<TopicHub>>();
        new Thread(() => Publish(publish, hub)) { IsBackground = true }.Start();
        return Run(app);
    }

    /// <summary>The yardstick of memory: a handshake, and a read that holds no buffer.</summary>
    public static int Raw(int port)
    {
        var app = Builder(port).Build();
        app.Run(async context =>
        {
            context.Response.Headers["Sec-WebSocket-Accept"] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
            context.Response.Headers.Upgrade = "websocket";
            await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
#pragma warning disable CA2022 // reads nothing: waits
            _ = await stream.ReadAsync(Memory<byte>.Empty, context.RequestAborted);
#pragma warning restore CA2022
        });
        return Run(app);
    }

    /// <summary>The yardstick of answers: the bytes of a file, to whatever is asked.</summary>
    public static int Body(int port, string file)
    {
        var body = File.ReadAllBytes(file);
        var app = Builder(port).Build();
        app.Run(context =>
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
        });
        return Run(app);
    }

    private static WebApplicationBuilder Builder(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port));
        return builder;
    }

    private static int Run(WebApplication app)
    {
        app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("ready"));
        app.Run();
        return 0;
    }

    private static void Publish(int port, IHubContext<TopicHub> hub)
    {
        using var listener = Wire.Listen(port);
        while (true)
        {
            using var publisher = listener.Accept();
            using var lines = new StreamReader(new NetworkStream(publisher), Encoding.ASCII);
            try
            {
                while (lines.ReadLine() is { } line)
                {
                    var space = line.IndexOf(' ', StringComparison.Ordinal);
                    _ = hub.Clients.Group(line[..space]).SendAsync("m", line[(space + 1)..]);
                }
            }
            catch (IOException)
            {
                // The load program ends by cutting its connection.
            }
        }
    }

    internal sealed class TopicHub : Hub
    {
        public async Task Sub(string topics)
        {
            foreach (var topic in topics.Split(','))
            {
                await Groups.AddToGroupAsync(Context.ConnectionId, topic);
            }
        }
    }
}
