package actors

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/text"
)

// Bounds of the fields of a profile.
const (
	MostFields       = 6
	LongestFieldName = longestTitle // characters
	LongestField     = 255          // characters of what is said

	mostFieldsElsewhere = 16     // Misskey has so many
	longestValue        = 10_000 // bytes of HTML
)

// Field is a line of a profile: what it is about, and what is said of it.
type Field struct{ Name, Value string }

// Fields are the lines of a profile, written as one text so that actors can be compared: List
// gives what was typed here, or the safe HTML of others; Actor.Lines what is shown.
type Fields string

// NewFields writes them; none is "".
func NewFields(all []Field) Fields {
	if len(all) == 0 {
		return ""
	}
	written, err := json.Marshal(all)
	if err != nil {
		panic(err) // texts are always written
	}
	return Fields(written)
}

// List reads them.
func (f Fields) List() (all []Field) {
	if f != "" {
		_ = json.Unmarshal([]byte(f), &all) // what NewFields wrote is read
	}
	return all
}

// Lines are the fields of a profile as they are shown: names as text, values as safe HTML.
func (a Actor) Lines() []Field {
	all := a.Fields.List()
	if a.Local() {
		for i := range all {
			all[i].Value = text.Linked(all[i].Value)
		}
	}
	return all
}

// TypedFields reads what a member typed: what is empty is left out.
func TypedFields(typed []Field) (Fields, error) {
	var all []Field
	for _, f := range typed {
		long := utf8.RuneCountInString(f.Name) > LongestFieldName
		f.Name, f.Value = titleOf(text.Storable(f.Name)), text.OneLine(text.Storable(f.Value))
		switch {
		case f.Name == "" && f.Value == "":
			continue
		case f.Name == "" || f.Value == "":
			return "", fault.New(fault.Invalid, "Each line of a profile has a name and what it says.")
		case long || utf8.RuneCountInString(f.Value) > LongestField:
			return "", fault.New(fault.Invalid, "A line of a profile may have a name of 200 characters, and say 255.")
		}
		all = append(all, f)
	}
	if len(all) > MostFields {
		return "", fault.New(fault.Invalid, "A profile may have six lines.")
	}
	return NewFields(all), nil
}

// fieldsIn reads what another server tells: without what cannot be shown.
func fieldsIn(doc vocab.Actor) Fields {
	var all []Field
	for _, f := range doc.Fields {
		name, value := titleOf(text.Plain(f.Name)), ""
		if len(f.Value) <= longestValue {
			value = text.Sanitize(f.Value)
		}
		if name != "" && value != "" && len(all) < mostFieldsElsewhere {
			all = append(all, Field{name, value})
		}
	}
	return NewFields(all)
}

// written gives them to a document.
func (a Actor) written() (all []vocab.Field) {
	for _, f := range a.Lines() {
		all = append(all, vocab.Field{Name: strings.TrimSpace(f.Name), Value: f.Value})
	}
	return all
}
