using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>What attributes on a property or type add to its schema.</summary>
internal static class SchemaAttributes
{
    public static void Apply(MemberInfo member, V1JSONSchemaProps schema)
    {
        schema.Description = member.GetCustomAttribute<DescriptionAttribute>()?.Description ?? schema.Description;
        schema.Title = member.GetCustomAttribute<TitleAttribute>()?.Title ?? schema.Title;
        if (member.GetCustomAttribute<DefaultValueAttribute>() is { } value)
            schema.DefaultProperty = Default(member, value);
        if (member.IsDefined(typeof(PreserveUnknownFieldsAttribute)))
            schema.XKubernetesPreserveUnknownFields = true;
        var rules = member.GetCustomAttributes<ValidationRuleAttribute>(inherit: true).Select(Rule).ToList();
        if (rules.Count > 0)
            schema.XKubernetesValidations = [.. schema.XKubernetesValidations ?? [], .. rules];
        if (member is PropertyInfo property)
            ApplyBounds(property, schema);
    }

    private static void ApplyBounds(PropertyInfo property, V1JSONSchemaProps schema)
    {
        schema.Format = property.GetCustomAttribute<FormatAttribute>()?.Format ?? schema.Format;
        schema.MultipleOf = property.GetCustomAttribute<MultipleOfAttribute>()?.Value;
        if (property.GetCustomAttribute<PatternAttribute>() is { } pattern)
            Expect(property, schema, "string", "Pattern").Pattern = pattern.RegexPattern;
        if (property.GetCustomAttribute<LengthAttribute>() is { } length)
            (Expect(property, schema, "string", "Length").MinLength, schema.MaxLength) = (length.MinLength, length.MaxLength);
        if (property.GetCustomAttribute<ItemsAttribute>() is { } items)
            (Expect(property, schema, "array", "Items").MinItems, schema.MaxItems) = (items.MinItems, items.MaxItems);
        if (property.GetCustomAttribute<PropertyLimitsAttribute>() is { } limits)
            (Expect(property, schema, "object", "PropertyLimits").MinProperties, schema.MaxProperties) = (limits.MinProperties, limits.MaxProperties);
        if (property.GetCustomAttribute<RangeMinimumAttribute>() is { } minimum)
            (schema.Minimum, schema.ExclusiveMinimum) = (minimum.Minimum, minimum.ExclusiveMinimum ? true : null);
        if (property.GetCustomAttribute<RangeMaximumAttribute>() is { } maximum)
            (schema.Maximum, schema.ExclusiveMaximum) = (maximum.Maximum, maximum.ExclusiveMaximum ? true : null);
        if (property.GetCustomAttribute<EnumValuesAttribute>() is { } values)
            schema.EnumProperty = [.. values.Values];
        if (property.GetCustomAttribute<XListTypeAttribute>() is { } list)
            Expect(property, schema, "array", "XListType").XKubernetesListType = JsonNamingPolicy.CamelCase.ConvertName(list.ListType.ToString());
        if (property.GetCustomAttribute<XListMapKeysAttribute>() is { } keys)
            Expect(property, schema, "array", "XListMapKeys").XKubernetesListMapKeys = [.. keys.Keys];
        if (property.GetCustomAttribute<XMapTypeAttribute>() is { } map)
            schema.XKubernetesMapType = JsonNamingPolicy.CamelCase.ConvertName(map.MapType.ToString());
        var element = (schema.Items ?? schema.AdditionalProperties) as V1JSONSchemaProps;
        if (property.GetCustomAttribute<ItemsLengthAttribute>() is { } itemLength)
            (Expect(property, element, "string", "ItemsLength").MinLength, element!.MaxLength) = (itemLength.MinLength, itemLength.MaxLength);
        if (property.GetCustomAttribute<ItemsPatternAttribute>() is { } itemPattern)
            Expect(property, element, "string", "ItemsPattern").Pattern = itemPattern.RegexPattern;
    }

    private static V1JSONSchemaProps Expect(PropertyInfo property, V1JSONSchemaProps? schema, string type, string attribute)
        => schema?.Type == type ? schema : throw new CrdException($"{property.DeclaringType?.Name}.{property.Name}: [{attribute}] needs a schema of type {type}, this is {schema?.Type ?? "none"}.");

    private static V1ValidationRule Rule(ValidationRuleAttribute rule) => new()
    {
        Rule = rule.Rule,
        FieldPath = rule.FieldPath,
        Message = rule.Message,
        MessageExpression = rule.MessageExpression,
        Reason = rule.Reason,
        OptionalOldSelf = rule.OptionalOldSelf ? true : null,
    };

    private static object Default(MemberInfo member, DefaultValueAttribute value)
    {
        if (!value.Json)
            return value.Value;
        try
        {
            return JsonNode.Parse((string)value.Value) ?? throw new CrdException($"{member.Name}: the default is null.");
        }
        catch (JsonException e)
        {
            throw new CrdException($"{member.DeclaringType?.Name}.{member.Name}: the default is no JSON: {e.Message}");
        }
    }
}
