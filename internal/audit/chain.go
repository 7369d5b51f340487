package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// format is the name of the hash format. It is the first field of each hashed
// entry.
const format = "windlass audit 1"

// Head is the end of a workspace's chain. The head of an empty chain has Seq 0
// and an empty Hash.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// String returns the head as people note it down: "1234:9f86d0…".
func (h Head) String() string { return strconv.FormatInt(h.Seq, 10) + ":" + h.Hash }

// ParseHead parses the output of [Head.String].
func ParseHead(s string) (Head, error) {
	number, hash, _ := strings.Cut(s, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	if raw, hexErr := hex.DecodeString(hash); err != nil || seq < 1 || hexErr != nil || len(raw) != sha256.Size {
		return Head{}, fmt.Errorf("%q is not a number, a colon and 64 hexadecimal digits", clean(s, 100))
	}
	return Head{Seq: seq, Hash: strings.ToLower(hash)}, nil
}

// digest returns the hash of an entry's contents, independent of its place in
// the chain.
func digest(e *Entry) [sha256.Size]byte {
	b := make([]byte, 0, 512)
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, s := range []string{
		format, e.Workspace, strconv.FormatInt(e.Time.UnixMicro(), 10),
		string(e.Actor.Kind), e.Actor.ID, e.Actor.Name, e.Action,
		e.Resource.Workspace, e.Resource.Kind, e.Resource.ID,
		string(e.Outcome), e.Reason, e.RequestID, e.Address,
	} {
		text(s)
	}
	b = binary.AppendUvarint(b, uint64(len(e.AWSRequestIDs)))
	for _, s := range e.AWSRequestIDs {
		text(s)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Detail)))
	for _, k := range sortedKeys(e.Detail) {
		text(k)
		text(e.Detail[k])
	}
	return sha256.Sum256(b)
}

// next is the head after an entry with this digest: a hash over the hash before
// it, its number and its digest.
func (h Head) next(content [sha256.Size]byte) Head {
	b := make([]byte, 0, 2*sha256.Size+8+2*sha256.Size)
	b = append(b, h.Hash...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.Seq+1)) //nolint:gosec // a number of entries is positive
	b = append(b, content[:]...)
	sum := sha256.Sum256(b)
	return Head{Seq: h.Seq + 1, Hash: hex.EncodeToString(sum[:])}
}

// after returns the head after e. It ignores the place in e.
func (h Head) after(e *Entry) Head { return h.next(digest(e)) }

// Draft is an entry without its place in a chain. It has everything that can
// be computed before the place is known.
type Draft struct {
	content [sha256.Size]byte
	line    []byte // the entry as JSON, with no hash and no number
	read    bool
	time    time.Time
}

func draft(e *Entry) (Draft, error) {
	line, err := json.Marshal(e)
	if err != nil {
		return Draft{}, fmt.Errorf("writing an audit entry: %w", err)
	}
	return Draft{content: digest(e), line: line, read: e.isRead(), time: e.Time}, nil
}

// Chain is entries to append to a workspace's chain, in order.
type Chain struct {
	Workspace string
	Drafts    []Draft
}

// Link assigns the entries their places after head and returns them as blocks.
// Adjacent entries share a block if all or none of them are reads.
func (c Chain) Link(head Head) []Block {
	var blocks []Block
	for rest := c.Drafts; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].read == rest[0].read {
			n++
		}
		var b Block
		b, head = block(c.Workspace, head, rest[:n])
		blocks, rest = append(blocks, b), rest[n:]
	}
	return blocks
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
