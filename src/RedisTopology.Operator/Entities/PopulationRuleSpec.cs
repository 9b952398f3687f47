namespace RedisTopology.Operator.Entities;

[ValidationRule("has(self.lazy) != has(self.writeThrough)", message: Rules.LazyOrWriteThrough)]
public sealed class PopulationRuleSpec
{
    [Required]
    [Description("Which keys: literal text with named placeholders, each of which stands for what comes up to the next literal, for example \"blog:{id}\". {{ and }} are braces themselves.")]
    [Length(1, Rules.MaxPopulationText)]
    public string Match { get; set => field = value ?? ""; } = "";

    [Description("Values come from the origin when somebody asks and they are not there.")]
    public PopulationPolicySpec? Lazy { get; set; }

    [Description("A SET is written to the origin first (PUT, with an Idempotency-Key), and is acknowledged when origin and cache have it. What is not there is loaded as with lazy.")]
    public PopulationPolicySpec? WriteThrough { get; set; }
}
