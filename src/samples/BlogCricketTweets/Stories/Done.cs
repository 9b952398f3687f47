namespace BlogCricketTweets.Stories;

/// <summary>What a button did, in a sentence.</summary>
internal sealed record Done(string Text);
