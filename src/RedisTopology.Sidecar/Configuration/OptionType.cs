namespace RedisTopology.Sidecar.Configuration;

/// <summary>How the value of an option is written.</summary>
/// <typeparam name="T">What it means.</typeparam>
/// <param name="Name">For the documentation: "duration", "size"...</param>
/// <param name="Parse">Reads it; throws a <see cref="FormatException"/> whose message goes on after "key: " and ends with the remedy.</param>
/// <param name="Show">Writes it as a person would; "none" when there is none.</param>
internal sealed record OptionType<T>(string Name, Func<IReadOnlyList<string>, T> Parse, Func<T, string> Show);
