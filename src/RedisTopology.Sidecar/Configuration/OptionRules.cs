using System.Text;
using RedisTopology.Core.Keys;
using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Configuration;

/// <summary>What options must be together, each being fine by itself.</summary>
internal static class OptionRules
{
    /// <summary>Checks them.</summary>
    /// <param name="options">The options read.</param>
    /// <param name="settings">What was written, by key.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static void Check(SidecarOptions options, IReadOnlyDictionary<string, OptionSetting> settings, string? file, List<string> errors)
    {
        if (!settings.TryGetValue("seeds", out var seeds))
            errors.Add($"{(file is null ? "" : file + ": ")}seeds: is missing; name at least one server, {(file is null ? "" : "seeds: [host:port] or ")}--seeds host:port");
        else if (seeds.Texts.Count == 0)
            errors.Add($"{seeds.Where}: is empty; name at least one server");
        if (options.Username is not null && options.PasswordFile is null)
            Error("username", "needs a password; set passwordFile as well");
        if (options.ReadFrom == ReadFrom.Zone && options.Zone is null)
            Error("readFrom", "Zone needs to know this sidecar's own zone; set zone as well");
        if (options.Listen.Port != 0 && options.Listen.Equals(options.Admin))
            Error(settings.ContainsKey("admin") ? "admin" : "listen", $"clients and admin cannot both listen on {options.Listen}; choose another port");
        if (options.Allow.Intersect(options.Deny).Order(StringComparer.Ordinal).FirstOrDefault() is { } both)
            Error("allow", $"{both} is also in deny; remove it from one of them");
        CheckCommands("deny", options.Deny);
        CheckCommands("allow", options.Allow);
        if (options.KeyPatterns.Count > 0 && !KeyMapping.TryCreate(options.KeyPatterns, options.FirstId, options.IdsPerTablet, out _, out var wrong))
        {
            foreach (var message in wrong)
                Error("keyPatterns", message[(message.IndexOf(':', StringComparison.Ordinal) + 2)..]);
        }

        CheckFile("passwordFile", options.PasswordFile);
        CheckFile("clientPasswordFile", options.ClientPasswordFile);
        CheckFile("pushTokenFile", options.PushTokenFile);

        void Error(string key, string message) => errors.Add($"{(settings.TryGetValue(key, out var setting) ? setting.Where : key)}: {message}");

        // A misspelt name would deny nothing. Names with a dot are of modules, which the table does not know.
        void CheckCommands(string key, IReadOnlySet<string> names)
        {
            foreach (var name in names.Where(n => !n.Contains('.', StringComparison.Ordinal) && !IsKnown(n)).Order(StringComparer.Ordinal))
                Error(key, $"\"{name}\" is not a command{Nearest.Hint(name, CommandTable.All.Select(c => c.Name))}");
        }

        // A password that is not there, or empty, would be noticed by clients alone, or by nobody.
        void CheckFile(string key, string? path)
        {
            if (path is null)
                return;
            try
            {
                if (File.ReadAllText(path, Encoding.UTF8).Trim().Length == 0)
                    Error(key, $"{path} is empty; write the password into it");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Error(key, $"{path} cannot be read: {e.Message} Mount the secret there, or correct the path");
            }
        }
    }

    private static bool IsKnown(string name) => CommandTable.All.Any(c => c.Name == name || c.Name.StartsWith(name + " ", StringComparison.Ordinal));
}
