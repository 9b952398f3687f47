using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using RedisTopology.Kubernetes.Tests.Support;

namespace RedisTopology.Kubernetes.Tests.Crds;

public sealed class CrdGeneratorTests
{
    [Fact]
    public void The_definition_is_the_golden_one() => GoldenFile.Check("widgets.yaml", CrdGenerator.Generate(typeof(Widget)));

    [Fact]
    public void Generating_twice_gives_the_same_text() => Assert.Equal(CrdGenerator.Generate(typeof(Widget)), CrdGenerator.Generate(typeof(Widget)));

    [Fact]
    public void Field_names_are_those_the_client_library_writes()
    {
        var entity = new Widget();
        entity.Metadata.Name = "x";
        entity.Spec.Parts = [new WidgetPart { Name = "p", Size = 1 }];
        entity.Spec.Labels = new Dictionary<string, string>();
        entity.Spec.Tags = ["t"];
        entity.Spec.Port = 1;
        entity.Spec.Big = 1;
        entity.Spec.Original = "o";
        entity.Spec.Template = new JsonObject();
        entity.Status = new() { Phase = "p", Replicas = 1, Selector = "s", Since = DateTime.UnixEpoch };
        var written = JsonNode.Parse(KubernetesJson.Serialize(entity))!.AsObject();
        var schema = CrdGenerator.Transpile(typeof(Widget))[0].Spec.Versions[0].Schema.OpenAPIV3Schema;

        foreach (var part in new[] { "spec", "status" })
        {
            var declared = ((V1JSONSchemaProps)schema.Properties[part]).Properties.Keys.Order(StringComparer.Ordinal);
            Assert.Equal(written[part]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal), declared);
        }

        Assert.Contains((string)written["spec"]!["colour"]!, ((V1JSONSchemaProps)((V1JSONSchemaProps)schema.Properties["spec"]).Properties["colour"]).EnumProperty.Cast<string>());
    }

    [Fact]
    public void An_attribute_on_the_wrong_type_is_named()
        => Assert.Contains("Wrong.Spec", Assert.Throws<CrdException>(() => CrdGenerator.Generate(typeof(Wrong))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_type_within_itself_is_refused()
        => Assert.Contains("contains itself", Assert.Throws<CrdException>(() => CrdGenerator.Generate(typeof(Recursive))).Message, StringComparison.Ordinal);

    [Fact]
    public void Versions_of_one_kind_share_a_definition_the_newest_first_and_one_stored()
    {
        var crd = Assert.Single(CrdGenerator.Transpile(typeof(Old), typeof(Newest), typeof(Middle)));

        Assert.Equal(["v1", "v1beta2", "v1alpha1"], crd.Spec.Versions.Select(v => v.Name));
        Assert.Equal("v1beta2", Assert.Single(crd.Spec.Versions, v => v.Storage).Name);
    }

    [KubernetesEntity(Group = "x.example", ApiVersion = "v1", Kind = "Wrong", PluralName = "wrongs")]
    public sealed class Wrong : CustomKubernetesEntity
    {
        [Pattern("a")]
        public int Spec { get; set; }
    }

    [KubernetesEntity(Group = "x.example", ApiVersion = "v1", Kind = "Recursive", PluralName = "recursives")]
    public sealed class Recursive : CustomKubernetesEntity
    {
        public Node? Spec { get; set; }
    }

    public sealed class Node
    {
        public IList<Node>? Children { get; set; }
    }

    [KubernetesEntity(Group = "x.example", ApiVersion = "v1alpha1", Kind = "Thing", PluralName = "things")]
    public sealed class Old : CustomKubernetesEntity;

    [KubernetesEntity(Group = "x.example", ApiVersion = "v1beta2", Kind = "Thing", PluralName = "things")]
    [StorageVersion]
    public sealed class Middle : CustomKubernetesEntity;

    [KubernetesEntity(Group = "x.example", ApiVersion = "v1", Kind = "Thing", PluralName = "things")]
    public sealed class Newest : CustomKubernetesEntity;
}
