namespace BlogCricketTweets.Data;

internal sealed record Tweet(int Id, string Author, string Text);
