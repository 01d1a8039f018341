package federation

import (
	"net/http"
	"slices"

	"github.com/dunglas/httpsfv"
)

// readMessage reads the one signature of a request. A second one is refused: which of
// two counts, each server would decide for itself.
func readMessage(h http.Header) (messageSignature, error) {
	malformed := unauthenticated("the Signature-Input cannot be read")
	inputs, err := oneMember(h, signatureInput)
	if err != nil {
		return messageSignature{}, err
	}
	values, err := oneMember(h, "Signature")
	if err != nil {
		return messageSignature{}, err
	}
	label := inputs.Names()[0]
	member, _ := inputs.Get(label)
	list, isList := member.(httpsfv.InnerList)
	value, has := values.Get(label)
	item, isItem := value.(httpsfv.Item)
	if !isList || !has || !isItem {
		return messageSignature{}, malformed
	}
	s, err := readInput(list)
	if err != nil {
		return s, err
	}
	var isBytes bool
	if s.value, isBytes = item.Value.([]byte); !isBytes || len(s.value) == 0 || len(s.value) > maxSignature {
		return s, unauthenticated("the value of the signature cannot be read")
	}
	return s, nil
}

// oneMember reads a header that is a dictionary of one member.
func oneMember(h http.Header, name string) (*httpsfv.Dictionary, error) {
	size := 0
	for _, line := range h[name] {
		size += len(line)
	}
	if size > maxSignatureHeader {
		return nil, unauthenticated("the signature is too long")
	}
	d, err := httpsfv.UnmarshalDictionary(h[name])
	if err != nil {
		return nil, unauthenticated("the header " + name + " cannot be read")
	}
	if n := len(d.Names()); n != 1 {
		return nil, unauthenticated("the request has no signature, or several")
	}
	return d, nil
}

// readInput reads what is covered, and the parameters.
func readInput(list httpsfv.InnerList) (s messageSignature, err error) {
	if len(list.Items) > maxCovered {
		return s, unauthenticated("the signature covers too many headers")
	}
	for _, item := range list.Items {
		name, isText := item.Value.(string)
		if !isText || len(item.Params.Names()) > 0 || !messageComponent(name) {
			return s, unauthenticated("the signature covers what is not understood here")
		}
		if slices.Contains(s.covered, name) {
			return s, unauthenticated("the signature covers a header twice")
		}
		s.covered = append(s.covered, name)
	}
	if err := s.readParams(list.Params); err != nil {
		return s, err
	}
	if s.params, err = httpsfv.Marshal(list); err != nil {
		return s, unauthenticated("the Signature-Input cannot be read")
	}
	if CheckIRI(s.keyID) != nil {
		return s, unauthenticated("the keyid of the signature is not an address")
	}
	return s, nil
}

func (s *messageSignature) readParams(params *httpsfv.Params) error {
	for _, name := range params.Names() {
		value, _ := params.Get(name)
		ok := true
		switch name {
		case "keyid":
			s.keyID, ok = value.(string)
		case "alg":
			s.algorithm, ok = value.(string)
		case "created":
			s.created, ok = value.(int64)
		case "expires":
			s.expires, ok = value.(int64)
		}
		if !ok {
			return unauthenticated("the " + name + " of the signature cannot be read")
		}
	}
	if s.created <= 0 || s.expires < 0 {
		return unauthenticated("the signature does not say when it was created")
	}
	return nil
}

func messageComponent(name string) bool {
	switch name {
	case "@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query":
		return true
	}
	return coverable(name)
}
