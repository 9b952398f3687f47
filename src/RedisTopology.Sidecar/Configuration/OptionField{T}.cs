namespace RedisTopology.Sidecar.Configuration;

/// <summary>An option of one type.</summary>
/// <typeparam name="T">The type of its value.</typeparam>
/// <param name="Key">The key in the file.</param>
/// <param name="Values">How values are written.</param>
/// <param name="Get">Reads it from the options.</param>
/// <param name="Set">The options with another value.</param>
/// <param name="Meaning">What it does.</param>
internal sealed record OptionField<T>(string Key, OptionType<T> Values, Func<SidecarOptions, T> Get, Func<SidecarOptions, T, SidecarOptions> Set, string Meaning)
    : OptionField(Key, Values.Name, Meaning)
{
    /// <inheritdoc/>
    public override SidecarOptions Read(SidecarOptions options, IReadOnlyList<string> texts) => Set(options, Values.Parse(texts));

    /// <inheritdoc/>
    public override string Show(SidecarOptions options) => Values.Show(Get(options));

    /// <inheritdoc/>
    public override SidecarOptions Copy(SidecarOptions from, SidecarOptions to) => Set(to, Get(from));
}
