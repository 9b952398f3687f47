namespace BlogCricketTweets.Data;

internal sealed record Score(int Id, string Teams, int Runs, int Wickets, int Balls);
