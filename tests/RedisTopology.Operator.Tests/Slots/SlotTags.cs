using System.Globalization;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>For each slot a text that hashes to it.</summary>
internal static class SlotTags
{
    private static readonly Lazy<string[]> Tags = new(Find);

    public static string Of(int slot) => Tags.Value[slot];

    private static string[] Find()
    {
        var tags = new string[HashSlot.Count];
        for (int i = 0, missing = tags.Length; missing > 0; i++)
        {
            var text = i.ToString(CultureInfo.InvariantCulture);
            ref var tag = ref tags[HashSlot.Of(text)];
            if (tag is null)
            {
                tag = text;
                missing--;
            }
        }

        return tags;
    }
}
