using System.CommandLine;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Tidegate.Access;
using Tidegate.Configuration;

namespace Tidegate.Commands;

/// <summary><c>token create|list|revoke</c>: the local access tokens; may run beside a gateway, which honours a revocation within a second.</summary>
internal static class TokenCommand
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(30);

    /// <summary>The command with its three.</summary>
    public static Command Create(CommonOptions common)
    {
        var command = new Command("token", "Access tokens of this gateway");
        command.Add(CreateCreate(common));
        command.Add(CreateList(common));
        command.Add(CreateRevoke(common));
        return command;
    }

    private static Command CreateCreate(CommonOptions common)
    {
        var address = new Option<string[]>("--address") { Description = "An address the token covers; may be repeated", HelpName = "dydx1…", Required = true, Arity = ArgumentArity.OneOrMore };
        var name = new Option<string>("--name") { Description = "Whose token it is", HelpName = "NAME" };
        var ttl = new Option<string>("--ttl") { Description = "How long it holds: a number with s, m, h or d (default 30d)", HelpName = "TIME" };
        var command = new Command("create", "Makes a token and prints it alone") { address, name, ttl };
        command.SetAction(parsed =>
        {
            var options = common.Settings(parsed);
            var addresses = parsed.GetRequiredValue(address).Select(a => Values.Address("--address", a)).Distinct(StringComparer.Ordinal).ToList();
            var lifetime = Values.Lifetime("--ttl", parsed.GetValue(ttl), DefaultLifetime);
            var data = DataFolder.For(options);
            return WithStore(data, store =>
            {
                var key = SigningKey.For(options.Access, data)
                    ?? throw new SettingsException($"Tidegate:Access:Authority = \"{options.Access.Authority}\": the authority makes the tokens; set Access:SigningKey too to make some here");
                var minted = new TokenMinter(key, options.Access.AddressClaim, TimeProvider.System).Mint(parsed.GetValue(name) ?? "", addresses, lifetime);
                store.Add(minted.Record);
                Console.WriteLine(minted.Text);
                return 0;
            });
        });
        return command;
    }

    private static Command CreateList(CommonOptions common)
    {
        var command = new Command("list", "Lists the tokens made here");
        command.SetAction(parsed => WithStore(DataFolder.For(common.Settings(parsed)), store =>
        {
            var now = TimeProvider.System.GetUtcNow();
            PrintTable([["ID", "NAME", "STATE", "CREATED", "EXPIRES", "ADDRESSES"], .. store.List().Select(t => Row(t, now))]);
            return 0;
        }));
        return command;
    }

    private static Command CreateRevoke(CommonOptions common)
    {
        var id = new Argument<string>("ID") { Description = "The token's id, as token list shows it" };
        var unlisted = new Option<bool>("--unlisted") { Description = "Revoke an id that was not made here: an authority's, or another machine's with the same key" };
        var command = new Command("revoke", "Revokes a token; running gateways refuse it within a second") { id, unlisted };
        command.SetAction(parsed => WithStore(DataFolder.For(common.Settings(parsed)), store =>
        {
            var wanted = parsed.GetRequiredValue(id);
            var now = TimeProvider.System.GetUtcNow();
            if (!store.Revoke(wanted, now))
            {
                if (!parsed.GetValue(unlisted))
                {
                    throw new CommandFailure($"no token with the id \"{(wanted.Contains('.', StringComparison.Ordinal) ? "(hidden)" : wanted)}\" was made here{Spelling.Hint(wanted, store.List().Select(t => t.Id))}; tidegate token list shows them");
                }

                store.RevokeUnlisted(wanted, now);
            }

            Console.WriteLine($"Revoked {wanted}; running gateways on this data folder refuse it within a second.");
            return 0;
        }));
        return command;
    }

    private static int WithStore(DataFolder data, Func<TokenStore, int> use)
    {
        try
        {
            using var store = new TokenStore(data);
            return use(store);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"Tidegate:Data = \"{data.Path}\": the token store cannot be used ({e.Message.ReplaceLineEndings(" ")})", inner: e);
        }
    }

    private static string[] Row(TokenRecord token, DateTimeOffset now)
    {
        var state = token.RevokedAt is not null ? "revoked" : token.Expires <= now ? "expired" : "valid";
        return [token.Id, Printable(token.Name), state, Time(token.Created), token.Expires.Year > 9000 ? "never" : Time(token.Expires), string.Join(' ', token.Addresses)];
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Printable(string text) => text.Length == 0 ? "-" : string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static void PrintTable(List<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(i => rows.Max(r => r[i].Length)).ToArray();
        foreach (var row in rows)
        {
            Console.WriteLine(string.Join("  ", row.Select((cell, i) => i == row.Length - 1 ? cell : cell.PadRight(widths[i]))));
        }
    }
}
