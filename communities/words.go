package communities

import (
	"embed"

	"passerelles/text"
)

//go:embed texts
var texts embed.FS

// say gives what communities write to people on other servers, in HTML.
var say = text.Sayer(texts, "texts")
