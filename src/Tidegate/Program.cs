using Tidegate.Commands;

return await CommandLine.RunAsync(args, Console.Error);
