using RedisTopology.Sidecar.Tls;

namespace RedisTopology.Sidecar.Configuration;

/// <summary>Makes options of a file and the flags of the command line, which win over the file; or says everything that is wrong with them at once.</summary>
/// <param name="file">The file; null for flags alone.</param>
/// <param name="flags">What the command line gave.</param>
internal sealed class OptionsReader(string? file, IReadOnlyList<OptionSetting> flags)
{
    /// <summary>The file; null when there is none.</summary>
    public string? File => file;

    /// <summary>Reads the file now.</summary>
    /// <returns>Options and no errors, or no options and at least one error.</returns>
    public OptionsResult Read() => file is null ? Read(null) : Text(out var error) is { } text ? Read(text) : new(null, [error!]);

    /// <summary>The file's text now.</summary>
    /// <param name="error">Why it cannot be read.</param>
    /// <returns>The text; null when it cannot be read.</returns>
    public string? Text(out string? error)
    {
        try
        {
            error = null;
            return System.IO.File.ReadAllText(file!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"{file}: cannot be read: {e.Message}";
            return null;
        }
    }

    /// <summary>Reads a text in place of the file's.</summary>
    /// <param name="text">The text; null for none.</param>
    /// <returns>As <see cref="Read()"/>.</returns>
    public OptionsResult Read(string? text)
    {
        var errors = new List<string>();
        var settings = new Dictionary<string, OptionSetting>(StringComparer.Ordinal);
        if (text is not null && OptionsFile.Read(file!, text, errors) is { } written)
        {
            foreach (var setting in written)
                settings[setting.Field.Key] = setting;
        }
        else if (text is not null)
        {
            return new(null, errors);
        }

        foreach (var setting in flags)
            settings[setting.Field.Key] = setting;

        var options = new SidecarOptions();
        foreach (var setting in settings.Values)
        {
            try
            {
                options = setting.Field.Read(options, setting.Texts);
            }
            catch (FormatException e)
            {
                errors.Add($"{setting.Where}: {e.Message}");
            }
        }

        OptionRules.Check(options, settings, file, errors);
        options = TlsFiles.Load(options, (key, wrong) => errors.Add($"{(settings.TryGetValue(key, out var setting) ? setting.Where : key)}: {wrong}"));
        return new(errors.Count == 0 ? options : null, errors);
    }
}
