using System.Text.Json.Nodes;

namespace RedisTopology.Testing.Tests;

public sealed class CrdSchemaTests
{
    private const string Yaml = """
        spec:
          versions:
            - selectableFields: [{jsonPath: .spec.x}]
              schema:
                type: object
                x-kubernetes-validations: [{rule: "true"}]
                properties:
                  properties:
                    type: object
                    x-kubernetes-validations: [{rule: "true"}]
                  selectableFields: {type: integer, default: 5}
        """;

    [Fact]
    public void An_old_server_is_spared_what_it_does_not_know_but_no_property_is_lost()
    {
        var crd = YamlToJson.Read(Yaml)[0];

        CrdSchema.StripFor(new Version(1, 20), crd);

        var expected = JsonNode.Parse("""
            {"spec":{"versions":[{"schema":{"type":"object","properties":{"properties":{"type":"object"},"selectableFields":{"type":"integer","default":5}}}}]}}
            """);
        Assert.True(JsonNode.DeepEquals(expected, crd), crd.ToJsonString());
    }

    [Fact]
    public void A_new_server_gets_everything()
    {
        var crd = YamlToJson.Read(Yaml)[0];

        CrdSchema.StripFor(new Version(1, 33), crd);

        Assert.True(JsonNode.DeepEquals(YamlToJson.Read(Yaml)[0], crd));
    }
}
