namespace BlogCricketTweets.Data;

internal sealed record Blog(int Id, string Title, string Body);
