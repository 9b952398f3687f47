namespace RedisTopology.Operator.Entities;

public sealed class EngineSpec
{
    [Description("Redis or Valkey. Cannot be changed.")]
    [DefaultValue("Redis")]
    public EngineType Type { get; set; } = EngineType.Redis;

    [Description("Version of the server, also the tag of the stock image: 7.0 or newer for Redis, 7.2 or newer for Valkey.")]
    [DefaultValue(Rules.DefaultVersion)]
    [Pattern(Rules.VersionPattern)]
    [Length(maxLength: 64)]
    public string Version { get; set => field = value ?? Rules.DefaultVersion; } = Rules.DefaultVersion;

    [Description("An image to use instead of the stock one (redis:VERSION or valkey/valkey:VERSION). It must hold a shell, awk, the server and its command line client.")]
    [Length(maxLength: 512)]
    public string Image { get; set => field = value ?? ""; } = "";
}
