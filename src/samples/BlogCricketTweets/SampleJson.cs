using System.Text.Json;
using System.Text.Json.Serialization;
using BlogCricketTweets.Data;
using BlogCricketTweets.Measuring;
using BlogCricketTweets.Stories;

namespace BlogCricketTweets;

/// <summary>Every type that is stored or answered, known at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Blog))]
[JsonSerializable(typeof(Score))]
[JsonSerializable(typeof(Tweet))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, StoryReport>))]
internal sealed partial class SampleJson : JsonSerializerContext;
