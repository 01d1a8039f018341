package federation

import "testing"

func TestIRIs(t *testing.T) {
	t.Parallel()
	i := IRIs{Origin: "https://ours.example"}
	for iri, want := range map[string][3]any{ // actor, post, local
		i.Actor(7):                              {int64(7), int64(0), true},
		i.Post(1 << 62):                         {int64(0), int64(1 << 62), true},
		i.Origin:                                {int64(0), int64(0), true},
		i.Actor(7) + "/inbox":                   {int64(0), int64(0), true},
		i.Origin + "/actors/07":                 {int64(0), int64(0), true},
		i.Origin + "/actors/+7":                 {int64(0), int64(0), true},
		i.Origin + "/actors/-7":                 {int64(0), int64(0), true},
		i.Origin + "/actors/0":                  {int64(0), int64(0), true},
		i.Origin + "/actors/":                   {int64(0), int64(0), true},
		"https://ours.example.evil/u/1":         {int64(0), int64(0), false},
		"https://evil.example/actors/7":         {int64(0), int64(0), false},
		"https://ours.example@evil/":            {int64(0), int64(0), false},
		"https://OURS.example/actors/7":         {int64(0), int64(0), false}, // nor fetched: Client compares origins
		"http://ours.example/actors/7":          {int64(0), int64(0), false},
		i.Post(3) + "/context":                  {int64(0), int64(0), true},
		i.Origin + "/posts/9999999999999999999": {int64(0), int64(0), true},
	} {
		if got := [3]any{i.ActorID(iri), i.PostID(iri), i.Local(iri)}; got != want {
			t.Errorf("%s: %v, want %v", iri, got, want)
		}
	}
}
