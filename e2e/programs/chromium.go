package programs

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const browsing = 3 * time.Minute // the longest that a test may take in a browser

// Chromium starts one with a new profile, in French, which ends with the test.
func Chromium(t testing.TB) context.Context {
	t.Helper()
	path := Need(t, "chromium", "chromium")
	ctx, cancel := context.WithTimeout(context.Background(), browsing)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("accept-lang", "fr-CA"), chromedp.Flag("hide-scrollbars", true))...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	return ctx
}
