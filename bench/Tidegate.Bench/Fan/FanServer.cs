using System.Globalization;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Starting;

namespace Tidegate.Bench.Fan;

/// <summary>A server that fans out, running: where it is, and how the load program speaks to it.</summary>
internal sealed record FanServer(string Name, Child Process, int Port, int PublishPort, params string[] Arguments) : IDisposable
{
    /// <summary>What <see cref="ByDropIn"/> is called.</summary>
    public const string DropIn = "tidegate /v4/ws";

    private static readonly string[] Lines = ["-proto", "raw", "-path", "/sub?t=%T", "-pub", "line"];

    public static FanServer Floor(Instruments instruments, bool each)
    {
        var (port, publish) = (Wire.FreePort(), Wire.FreePort());
        var process = Child.Program(instruments.Floor, Text(port), Text(publish), each ? "each" : "coal");
        return new FanServer("floor", process, port, publish, Lines);
    }

    /// <summary>The gateway on a simulated Indexer whose trades are the load program's lines. Nothing is kept of a topic that nobody follows.</summary>
    public static FanServer Gateway(LineSource source, TemporaryFolder data)
    {
        var port = Wire.FreePort();
        var process = Child.Gateway([.. StartBench.Serve(source.Indexer.Port, port, data), "--set", "Access:Mode=open", "--set", "Indexer:Standby=false", "--set", "Indexer:GraceTime=00:00:00"]);
        Http.WaitForOk(port, "/healthz");
        return new FanServer("tidegate", process, port, source.Port, "-proto", "dydx", "-path", "/ws/dashboard?subscribe=none", "-pub", "line");
    }

    /// <summary>The same gateway by its other socket, the Indexer's own protocol.</summary>
    public FanServer ByDropIn() => this with { Name = DropIn, Arguments = ["-proto", "dydx", "-path", "/v4/ws", "-pub", "line"] };

    public static FanServer SignalR()
    {
        var (port, publish) = (Wire.FreePort(), Wire.FreePort());
        var process = Child.Self("signalr-peer", Text(port), Text(publish));
        process.Hear();
        return new FanServer("SignalR", process, port, publish, "-proto", "signalr", "-path", "/hub", "-pub", "line");
    }

    public static FanServer Nats(TemporaryFolder folder)
    {
        var (port, publish) = (Wire.FreePort(), Wire.FreePort());
        var file = Path.Combine(folder.Path, "nats.conf");
        File.WriteAllText(file, $"listen: 127.0.0.1:{Text(publish)}\nwebsocket {{ listen: \"127.0.0.1:{Text(port)}\"\n no_tls: true }}\n");
        return new FanServer("nats-server", Child.Program("nats-server", "-c", file, "-l", "/dev/null"), port, publish, "-proto", "nats", "-path", "/", "-pub", "nats");
    }

    public static FanServer Nchan(TemporaryFolder folder)
    {
        var port = Wire.FreePort();
        var file = Path.Combine(folder.Path, "nginx.conf");
        File.WriteAllText(file, $$"""
            load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
            daemon off; master_process off; pid {{folder.Path}}/nginx.pid; error_log /dev/null;
            events { worker_connections 8192; }
            http {
              access_log off; client_body_temp_path {{folder.Path}}; keepalive_requests 100000000;
              server {
                listen 127.0.0.1:{{Text(port)}};
                location /sub { nchan_subscriber websocket; nchan_channel_id_split_delimiter ","; nchan_channel_id $arg_t; nchan_subscriber_first_message newest; }
                location /pub { nchan_publisher; nchan_channel_id $arg_id; nchan_message_buffer_length 100; }
              }
            }
            """);
        return new FanServer("nchan", Child.Program("/usr/sbin/nginx", "-p", folder.Path, "-c", file), port, port, "-proto", "raw", "-path", "/sub?t=%T", "-pub", "nchan");
    }

    /// <summary>The package <c>ws</c> has to be where node finds it, such as by <c>NODE_PATH</c>.</summary>
    public static FanServer NodeWs()
    {
        var (port, publish) = (Wire.FreePort(), Wire.FreePort());
        return new FanServer("node ws", Child.Program("node", Path.Combine(AppContext.BaseDirectory, "Fan", "node-ws.cjs"), Text(port), Text(publish)), port, publish, Lines);
    }

    /// <summary>Waits until it listens; false when its program ended.</summary>
    public bool Listens()
    {
        for (var attempt = 0; attempt < 100 && !Process.HasExited; attempt++)
        {
            try
            {
                using var socket = Wire.Connect(Port);
                return true;
            }
            catch (System.Net.Sockets.SocketException)
            {
                Thread.Sleep(50);
            }
        }

        return false;
    }

    public void Dispose() => Process.Dispose();

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
