package federation

import (
	"context"
	"encoding/json"
	"strings"

	"passerelles/fault"
)

const nodeInfoSchema = "nodeinfo.diaspora.software/ns/schema/"

// NodeInfo names the software of a server, in lower case.
type NodeInfo struct{ Software, Version string }

// NodeInfo asks a server for its software. Only the two fields that we use are
// read: servers write the others as they please (NodeBB counts in strings).
func (c *Client) NodeInfo(ctx context.Context, host string) (NodeInfo, error) {
	u, err := hostOrigin(host)
	if err != nil {
		return NodeInfo{}, err
	}
	body, err := c.discover(ctx, u.Host, "/.well-known/nodeinfo", "application/json")
	if err != nil {
		return NodeInfo{}, err
	}
	address, err := newestSchema(body)
	if err != nil {
		return NodeInfo{}, err
	}
	f, err := c.fetch(ctx, address, request{accept: "application/json", limit: maxDiscovery})
	if err != nil {
		return NodeInfo{}, err
	}
	return readNodeInfo(f.Body)
}

var errNodeInfo = fault.New(fault.Invalid, "the other server does not say what it runs")

// newestSchema chooses the highest version below 3 that is offered.
func newestSchema(body []byte) (address string, err error) {
	var offered struct{ Links []link }
	if err := json.Unmarshal(body, &offered); err != nil {
		return "", errNodeInfo
	}
	best := ""
	for _, l := range offered.Links {
		_, version, ok := strings.Cut(l.Rel, nodeInfoSchema)
		if ok && version > best && version < "3" {
			best, address = version, l.Href
		}
	}
	if address == "" {
		return "", errNodeInfo
	}
	return address, nil
}

func readNodeInfo(body []byte) (NodeInfo, error) {
	var document struct {
		Software struct{ Name, Version any }
	}
	if err := json.Unmarshal(body, &document); err != nil {
		return NodeInfo{}, errNodeInfo
	}
	info := NodeInfo{
		Software: strings.ToLower(scalar(document.Software.Name)),
		Version:  scalar(document.Software.Version),
	}
	if info.Software == "" {
		return NodeInfo{}, errNodeInfo
	}
	return info, nil
}

// scalar gives a short text of what should be one.
func scalar(v any) string {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	text, ok := v.(string)
	if !ok {
		number, _ := json.Marshal(v) // a decoded value always encodes
		if text = string(number); !digitsAndDots(text) {
			return ""
		}
	}
	return oneLine(text[:min(len(text), 64)])
}

func digitsAndDots(s string) bool { return strings.Trim(s, "0123456789.") == "" }
