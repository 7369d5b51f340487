package security

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// format names how entries are hashed; it is the first field of each.
const format = "windlass security 1"

// Head is the end of the chain. The head of an empty chain is the zero value.
type Head struct {
	Seq  int64
	Hash string
}

// Link returns entries their places after head, in order, and their hashes.
func Link(head Head, entries []Entry) []Entry {
	linked := make([]Entry, len(entries))
	for i, e := range entries {
		e.Seq = head.Seq + 1
		e.Hash = hash(head.Hash, &e)
		linked[i], head = e, Head{e.Seq, e.Hash}
	}
	return linked
}

// hash returns the hash of the previous hash and the entry's contents.
func hash(before string, e *Entry) string {
	b := make([]byte, 0, 512)
	for _, s := range []string{
		format, before, strconv.FormatInt(e.Seq, 10), e.Window, string(e.Kind), e.Address, e.Subject, e.Actor,
		e.Workspace,
		e.Method, e.Reason, e.RequestID, strconv.FormatInt(e.Count, 10),
		strconv.FormatInt(e.First.UnixMicro(), 10), strconv.FormatInt(e.Last.UnixMicro(), 10),
	} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// holds reports whether e is the entry that follows head.
func (h Head) holds(e *Entry) bool { return e.Seq == h.Seq+1 && e.Hash == hash(h.Hash, e) }
