package mastodon

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strings"
	"sync"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/media"
	"passerelles/posts"
)

// apiVersion is what of Mastodon's API is spoken; clients read the first three numbers.
const apiVersion = "4.3.0"

func (h *Handler) versionText() string {
	return apiVersion + " (compatible; Passerelles " + h.Version + ")"
}

func (h *Handler) streaming() string {
	return "wss" + strings.TrimPrefix(strings.TrimPrefix(h.IRIs.Origin, "https"), "http")
}

func (h *Handler) configuration() map[string]any {
	return map[string]any{
		"urls":  map[string]any{"streaming": h.streaming(), "status": nil, "about": h.IRIs.Origin + "/about", "privacy_policy": nil, "terms_of_service": nil},
		"vapid": map[string]any{"public_key": h.Push.PublicKey()},
		"accounts": map[string]any{"max_featured_tags": 0, "max_pinned_statuses": posts.MostPins,
			"max_profile_fields": actors.MostFields, "profile_field_name_limit": actors.LongestFieldName, "profile_field_value_limit": actors.LongestField},
		"statuses": map[string]any{"max_characters": posts.LongestText, "max_media_attachments": h.Media.Files.Post, "characters_reserved_per_url": 23},
		"polls": map[string]any{"max_options": posts.MostOptions, "max_characters_per_option": posts.LongestOption,
			"min_expiration": int(posts.ShortestPoll.Seconds()), "max_expiration": int(posts.LongestPoll.Seconds())},
		"translation":      map[string]any{"enabled": false},
		"timelines_access": map[string]any{},
		"media_attachments": map[string]any{"supported_mime_types": media.Types(),
			"image_size_limit": h.Media.Files.Size, "image_matrix_limit": media.MostPixels, "video_size_limit": 0, "video_frame_rate_limit": 0, "video_matrix_limit": 0,
			"description_limit": media.LongestAlt},
	}
}

// instanceV2 tells apps what this server is, and what it takes.
func (h *Handler) instanceV2(c *call) (any, error) {
	set, err := h.Accounts.Settings(c.r.Context())
	if err != nil {
		return nil, err
	}
	_, active, _, err := h.Usage(c.r.Context())
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"domain": h.IRIs.Host(), "title": h.Name, "version": h.versionText(), "source_url": "", "description": "",
		"usage":     map[string]any{"users": map[string]any{"active_month": active}},
		"thumbnail": map[string]any{"url": h.IRIs.Origin + avatarPath, "blurhash": nil, "versions": map[string]any{}},
		"icon":      []any{}, "languages": []string{cmp.Or(h.Language, "fr")}, "configuration": h.configuration(),
		"registrations": map[string]any{"enabled": set.SignUp == accounts.Open || set.SignUp == accounts.Approval, "approval_required": set.SignUp == accounts.Approval,
			"message": nil, "url": h.IRIs.Origin + "/sign-up", "min_age": nil, "reason_required": false},
		"api_versions": map[string]any{"mastodon": 7}, // from which on apps offer quotes
		"contact":      map[string]any{"email": mailOf(set.Charge), "account": nil},
		"rules":        []any{},
	}, nil
}

// instanceV1 is the older form, which older apps read.
func (h *Handler) instanceV1(c *call) (any, error) {
	set, err := h.Accounts.Settings(c.r.Context())
	if err != nil {
		return nil, err
	}
	members, _, written, err := h.Usage(c.r.Context())
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"uri": h.IRIs.Host(), "title": h.Name, "short_description": "", "description": "", "email": mailOf(set.Charge), "version": h.versionText(),
		"urls": map[string]string{"streaming_api": h.streaming()}, "stats": map[string]int{"user_count": members, "status_count": written, "domain_count": 0},
		"thumbnail": h.IRIs.Origin + avatarPath, "languages": []string{cmp.Or(h.Language, "fr")},
		"registrations": set.SignUp == accounts.Open || set.SignUp == accounts.Approval, "approval_required": set.SignUp == accounts.Approval,
		"invites_enabled": false, "configuration": h.configuration(), "contact_account": nil, "rules": []any{},
	}, nil
}

// mailOf is where who is in charge is written to, "" if not by e-mail: apps take nothing else.
func mailOf(c accounts.Charge) string {
	if strings.Contains(c.Reach, "@") && !strings.ContainsAny(c.Reach, " /") {
		return c.Reach
	}
	return ""
}

// preferences are how a member writes where they say nothing else; how they read is for each app to keep.
func (h *Handler) preferences(c *call) (any, error) {
	m := c.member()
	return map[string]any{"posting:default:visibility": m.Visibility, "posting:default:quote_policy": cmp.Or(m.Quotable, posts.QuotedByAll), "posting:default:sensitive": m.Sensitive,
		"posting:default:language": orNull(m.Language), "reading:expand:media": "default", "reading:expand:spoilers": false,
		"reading:autoplay:gifs": false}, nil
}

// PlainAvatar is where the picture of whoever has none is.
const PlainAvatar = avatarPath

const avatarPath = "/api/v1/avatar.png"

// plainAvatar is shown of whoever has no picture, since apps want one.
var plainAvatar = sync.OnceValue(func() []byte {
	picture := image.NewRGBA(image.Rect(0, 0, 120, 120))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(color.RGBA{0x8a, 0x96, 0xa3, 0xff}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic(err) // a picture of one colour is always written
	}
	return b.Bytes()
})

func sendAvatar(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write(plainAvatar()) // fails only if the app has gone
}
