using PuppeteerSharp;
using RedisTopology.Testing;

namespace RedisTopology.Samples.Tests;

/// <summary>The page as a person meets it, in a real browser. The screenshot stays in TestResults/sample-page.png.</summary>
public sealed class PageTests(SampleFixture sample) : IClassFixture<SampleFixture>
{
    [Fact]
    public async Task Buttons_move_the_figures()
    {
        var chromium = Executables.TryFind("chromium") ?? Executables.TryFind("chromium-browser") ?? Executables.TryFind("google-chrome");
        Prerequisites.Require(chromium is not null, "needs chromium. Install the package chromium, or run tests/scripts/install-test-deps.sh.");
        using var profile = TestDirectory.Create("chromium");
        await using var browser = await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = chromium,
            Headless = true,
            UserDataDir = profile.FullPath,
            Timeout = 90_000,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        await using var page = await browser.NewPageAsync();
        page.DefaultTimeout = 60_000;
        var errors = new List<string>();
        page.PageError += (_, e) => errors.Add(e.Message);
        page.RequestFailed += (_, e) => errors.Add($"{e.Request.Url}: {e.Request.FailureText}");
        await page.SetViewportAsync(new ViewPortOptions { Width = 1280, Height = 900 });
        await page.GoToAsync(sample.Url.ToString());

        await ClickAsync(page, "/api/blog/read?id=1&readers=100&cached=true", "Post 1");
        await UntilAsync(page, "blog", "cached.reads", "100");
        await UntilAsync(page, "blog", "cached.originCalls", "1");
        await ClickAsync(page, "/api/blog/read?id=1&readers=100&cached=false", "Post 1");
        await UntilAsync(page, "blog", "direct.originCalls", "100");
        await ClickAsync(page, "/api/blog/read?id=1&readers=100&cached=true", "Post 1");
        await UntilAsync(page, "blog", "cached.originCalls", "1");
        await ClickAsync(page, "/api/cricket/ball?runs=4&wicket=false", "4/0 after 0.1 overs");
        await ClickAsync(page, "/api/cricket/read?readers=100&cached=false", "4/0");
        await ClickAsync(page, "/api/cricket/read?readers=100&cached=true", "4/0");
        // The ball alone: no reader had to ask.
        await UntilAsync(page, "score", "cached.originCalls", "1");
        await ClickAsync(page, "/api/tweet/post?push=true", "5000 timelines");
        await ClickAsync(page, "/api/tweet/read?readers=500&cached=false", "@ada");
        await ClickAsync(page, "/api/tweet/read?readers=500&cached=true", "@ada");
        await UntilAsync(page, "timeline", "cached.originCalls", "0");
        await UntilAsync(page, "timeline", "direct.originCalls", "500");
        Assert.StartsWith("M0.0", await page.EvaluateExpressionAsync<string>("document.querySelector('[data-story=blog] path.cached').getAttribute('d')"), StringComparison.Ordinal);

        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "TestResults"));
        await page.ScreenshotAsync(Path.Combine(folder.FullName, "sample-page.png"), new ScreenshotOptions { FullPage = true });
        Assert.Empty(errors);
    }

    private static async Task ClickAsync(IPage page, string post, string says)
    {
        var selector = $"[data-post=\"{post}\"]";
        await page.ClickAsync(selector);
        await page.WaitForFunctionAsync("(selector, text) => document.querySelector(selector).closest('article').querySelector('.said').textContent.includes(text)", selector, says);
    }

    private static async Task UntilAsync(IPage page, string story, string figure, string text) =>
        await page.WaitForFunctionAsync("(selector, text) => document.querySelector(selector).textContent === text", $"[data-story={story}] [data-of=\"{figure}\"]", text);
}
