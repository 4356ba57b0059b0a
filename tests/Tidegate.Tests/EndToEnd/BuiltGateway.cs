using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Tidegate.Simulator;

namespace Tidegate.Tests.EndToEnd;

/// <summary>The built executable as a process, in front of a simulated Indexer in this process; over real sockets.</summary>
internal sealed class BuiltGateway : IAsyncDisposable
{
    public const string Key = "an-end-to-end-test-key-of-forty-bytes-xx";
    private readonly string folder;
    private readonly Func<Process> launch;
    private Process process;

    private readonly SimulatedIndexer? indexer;

    private BuiltGateway(Func<Process> launch, SimulatedIndexer? indexer, Uri address, string folder)
    {
        (this.launch, process, this.indexer, Address, this.folder) = (launch, launch(), indexer, address, folder);
        Http = new HttpClient { BaseAddress = address };
    }

    public SimulatedIndexer Indexer => indexer!;

    public Uri Address { get; }

    public HttpClient Http { get; }

    public string Account => Indexer.Addresses[0];

    public string Token { get; private set; } = "";

    /// <summary>What the executable has said.</summary>
    public List<string> Output { get; } = [];

    public int ProcessId => process.Id;

    public static string Executable => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "tidegate.exe" : "tidegate");

    /// <summary>Starts both; waits until markets are known.</summary>
    public static Task<BuiltGateway> StartAsync(SimulatorOptions? simulation = null, params string[] settings) => StartAsync(simulation, [], settings);

    /// <summary>As the other, with variables in the executable's environment.</summary>
    public static async Task<BuiltGateway> StartAsync(SimulatorOptions? simulation, (string Name, string Value)[] environment, string[] settings)
    {
        var options = (simulation ?? new SimulatorOptions()) with { Urls = ["http://127.0.0.1:0"] };
        var indexer = await SimulatedIndexer.StartAsync(options, TimeProvider.System, null, TestContext.Current.CancellationToken);
        var gateway = Launch(indexer, indexer.WebSocketUrl, indexer.RestUrl, environment, settings);
        await gateway.UntilReadyAsync();
        gateway.Token = gateway.MakeToken(gateway.Account);
        gateway.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Token);
        return gateway;
    }

    /// <summary>Starts the executable alone in front of an Indexer of the caller's; waits until markets are known.</summary>
    public static async Task<BuiltGateway> StartOnAsync(Uri webSocket, Uri rest, (string Name, string Value)[] environment, params string[] settings)
    {
        var gateway = Launch(null, webSocket, rest, environment, settings);
        await gateway.UntilReadyAsync();
        return gateway;
    }

    public static Process Run(params string[] arguments) => Run([], arguments);

    private static Process Run((string Name, string Value)[] environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public string MakeToken(params string[] addresses)
    {
        string[] arguments = ["token", "create", .. addresses.SelectMany(address => new[] { "--address", address }), "--set", "Data=" + folder, "--set", "Access:SigningKey=" + Key];
        using var made = Run(arguments);
        var text = made.StandardOutput.ReadToEnd();
        made.WaitForExit();
        return text.Trim();
    }

    /// <summary>Revokes by the command line, as another process does.</summary>
    public async Task RevokeAsync(string id)
    {
        using var revoking = Run("token", "revoke", id, "--set", "Data=" + folder, "--set", "Access:SigningKey=" + Key);
        await revoking.WaitForExitAsync();
        Assert.Equal(0, revoking.ExitCode);
    }

    public Task<DashboardClient> ConnectWithAsync(string token, string more = "") =>
        DashboardClient.ConnectAsync(new Uri($"ws://{Address.Authority}/ws/dashboard?token={token}{more}"));

    public Task<DashboardClient> ConnectAsync(string more = "", Action<JsonObject>? sink = null) =>
        DashboardClient.ConnectAsync(new Uri($"ws://{Address.Authority}/ws/dashboard?token={Token}{more}"), sink);

    public async Task<JsonObject> StatusAsync() =>
        JsonNode.Parse(await Http.GetStringAsync(new Uri(Address, "/ws/status/" + Account), TestContext.Current.CancellationToken))!.AsObject();

    /// <summary>Waits until a loss of the account's upstream socket is over; the account has to be followed.</summary>
    public async Task UntilReconnectedAsync(CancellationToken cancellationToken)
    {
        while (await StatusAsync() is var status && !((int)status["reconnect_count"]! > 0 && (string?)status["mode"] == "streaming"))
        {
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>Its whole status, and what it said last.</summary>
    public async Task<string> StoryAsync()
    {
        string status;
        try
        {
            status = await Http.GetStringAsync(new Uri(Address, "/ws/status"), TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException gone)
        {
            status = gone.Message;
        }

        lock (Output)
        {
            return $"{status}\n{string.Join('\n', Output.TakeLast(25))}";
        }
    }

    /// <summary>Ends it at once, as SIGKILL does.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Starts it anew on the same folder and port, after it has ended; waits until markets are known.</summary>
    public async Task StartAgainAsync()
    {
        process.Dispose();
        process = launch();
        Listen();
        await UntilReadyAsync();
    }

    /// <summary>A file in the upstream's folder.</summary>
    public string UpstreamFile(string name) => Path.Combine(Directory.GetDirectories(folder).Single(), name);

    /// <summary>Asks politely, as Ctrl-C does, and returns the exit code.</summary>
    public async Task<int> TerminateAsync(TimeSpan patience)
    {
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync(new CancellationTokenSource(patience).Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Http.Dispose();
        if (indexer is not null)
        {
            await indexer.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static BuiltGateway Launch(SimulatedIndexer? indexer, Uri webSocket, Uri rest, (string Name, string Value)[] environment, string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("tidegate-test-").FullName;
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        string[] arguments =
        [
            "serve", "--ws-url", webSocket.OriginalString, "--rest-url", rest.OriginalString, "--urls", address.OriginalString,
            "--set", "Data=" + folder, "--set", "Access:SigningKey=" + Key, .. settings.SelectMany(setting => new[] { "--set", setting }),
        ];
        var gateway = new BuiltGateway(() => Run(environment, arguments), indexer, address, folder);
        gateway.Listen();
        return gateway;
    }

    private void Listen()
    {
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (Output)
            {
                Output.Add(line);
            }
        }
    }

    private async Task UntilReadyAsync()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!process.HasExited)
        {
            try
            {
                using var answer = await Http.GetAsync(new Uri(Address, "/readyz"), late.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }

            await Task.Delay(50, late.Token);
        }

        Assert.Fail("the gateway ended: " + string.Join('\n', Output));
    }
}
