package mastodon

import (
	"net/url"
	"testing"

	"passerelles/timelines"
)

// TestPage: an id may be that of a post or of its boost, which lies beside it; neither comes again.
func TestPage(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]timelines.Page{
		"":                     {Limit: 20},
		"limit=5":              {Limit: 5},
		"limit=4000":           {Limit: 40},
		"limit=-1":             {Limit: 20},
		"max_id=10":            {Limit: 20, Before: 10},
		"max_id=11":            {Limit: 20, Before: 10},
		"since_id=10":          {Limit: 20, After: 11},
		"since_id=11":          {Limit: 20, After: 11},
		"min_id=10":            {Limit: 20, After: 11, Oldest: true},
		"min_id=10&since_id=1": {Limit: 20, After: 11, Oldest: true},
		"max_id=x&min_id=-4":   {Limit: 20},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&call{params: values}).page(20, 40); got != want {
			t.Errorf("%q is %+v, want %+v", query, got, want)
		}
	}
	for _, post := range []int64{10, 11} {
		if boost := boostID(post); boost == post || boostID(boost) != post || boost&^1 != post&^1 {
			t.Errorf("the boost of %d is %d", post, boost)
		}
	}
}
