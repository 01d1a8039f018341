package web

import (
	"fmt"
	"strings"
	"time"
)

// zone is that of readers, until they can choose theirs.
var zone = func() *time.Location {
	toronto, err := time.LoadLocation("America/Toronto")
	if err != nil { // package communities embeds the zones
		return time.UTC
	}
	return toronto
}()

// near says when something was, as people say it.
func (h *Handler) near(language string, at time.Time) (string, error) {
	now := h.Now()
	switch ago := now.Sub(at); {
	case ago < time.Minute:
		return h.words.say(language, "time.now")
	case ago < time.Hour:
		return h.words.say(language, "time.minutes", "N", int(ago/time.Minute))
	case ago < 12*time.Hour:
		return h.words.say(language, "time.hours", "N", int(ago/time.Hour))
	case ago < 6*24*time.Hour:
		return h.weekday(language, at.In(zone))
	}
	return h.date(language, at.In(zone))
}

func (h *Handler) weekday(language string, at time.Time) (string, error) {
	days, err := h.words.say(language, "time.weekdays")
	if err != nil {
		return "", err
	}
	clock, err := h.clock(language, at)
	if err != nil {
		return "", err
	}
	return h.words.say(language, "time.weekday", "Day", strings.Fields(days)[at.Weekday()], "Clock", clock)
}

func (h *Handler) date(language string, at time.Time) (string, error) {
	months, err := h.words.say(language, "time.months")
	if err != nil {
		return "", err
	}
	return h.words.say(language, "time.date", "Day", at.Day(), "Month", strings.Fields(months)[at.Month()-1], "Year", at.Year())
}

func (h *Handler) clock(language string, at time.Time) (string, error) {
	return h.words.say(language, "time.clock", "Hour", at.Hour(), "Minute", fmt.Sprintf("%02d", at.Minute()))
}

// exact says the day and the minute.
func (h *Handler) exact(language string, at time.Time) (string, error) {
	at = at.In(zone)
	date, err := h.date(language, at)
	if err != nil {
		return "", err
	}
	clock, err := h.clock(language, at)
	return date + ", " + clock, err
}
