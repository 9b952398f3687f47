using System.Text.Json.Serialization;
using k8s.Models;

namespace RedisTopology.Kubernetes.Tests.Support;

/// <summary>A custom resource that uses every attribute once.</summary>
[KubernetesEntity(Group = "test.example.com", ApiVersion = "v1alpha1", Kind = "Widget", PluralName = "widgets")]
[KubernetesEntityShortNames("wd")]
[Description("A thing to be tested with.")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
[ScaleSubresource(".spec.replicas", ".status.replicas", ".status.selector")]
[ValidationRule("self.metadata.name.size() <= 30", message: "the name is too long")]
public sealed class Widget : CustomKubernetesEntity<WidgetSpec, WidgetStatus>
{
    public Widget()
    {
        ApiVersion = "test.example.com/v1alpha1";
        Kind = "Widget";
    }
}

[ValidationRule("!has(self.parts) || self.parts.size() <= self.replicas", fieldPath: ".parts", message: "not more parts than replicas", reason: "FieldValueInvalid")]
public sealed class WidgetSpec
{
    [Description("How many.")]
    [DefaultValue(1)]
    [RangeMinimum(0)]
    [RangeMaximum(100)]
    public int Replicas { get; set; } = 1;

    [AdditionalPrinterColumn(PrinterColumnPriority.WideView, "Colour")]
    public WidgetColour Colour { get; set; }

    [Required]
    [Pattern("^[a-z]+$")]
    [Length(1, 20)]
    [ValidationRule("self == oldSelf", message: "title is immutable")]
    public string Title { get; set; } = "";

    [Items(maxItems: 10)]
    [XListType(XListType.Map)]
    [XListMapKeys("name")]
    public IList<WidgetPart>? Parts { get; set; }

    [PropertyLimits(maxProperties: 8)]
    [ItemsLength(maxLength: 64)]
    public IDictionary<string, string>? Labels { get; set; }

    [Items(1, 5)]
    [XListType(XListType.Set)]
    [ItemsLength(1, 63)]
    [ItemsPattern("^[a-z]+$")]
    public IReadOnlyList<string>? Tags { get; set; }

    public IntOrString? Port { get; set; }

    public bool Paused { get; set; }

    public long? Big { get; set; }

    public double Ratio { get; set; }

    [DefaultValue("{}", Json = true)]
    public WidgetLimits Limits { get; set; } = new();

    [EmbeddedResource]
    public object? Template { get; set; }

    [JsonIgnore]
    public string Hidden { get; set; } = "";

    [JsonPropertyName("renamed")]
    public string? Original { get; set; }
}

public sealed class WidgetPart
{
    [Required]
    [Length(maxLength: 20)]
    public string Name { get; set; } = "";

    public int? Size { get; set; }
}

public sealed class WidgetLimits
{
    [DefaultValue("1Gi")]
    [Length(maxLength: 20)]
    public string Memory { get; set; } = "1Gi";
}

public sealed class WidgetStatus
{
    public string? Phase { get; set; }

    public int? Replicas { get; set; }

    public string? Selector { get; set; }

    public DateTime? Since { get; set; }
}

public enum WidgetColour
{
    Red,

    [JsonStringEnumMemberName("dark-blue")]
    DarkBlue,
}
