package dial_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
)

// zone serves DNS queries from memory. Each lookup of a name returns the next
// of its answers; the last one is repeated.
type zone struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	asked   map[string]int // by name and type
}

func newZone() *zone { return &zone{answers: map[string][][]netip.Addr{}, asked: map[string]int{}} }

// set sets the addresses that successive lookups of a name return.
func (z *zone) set(name string, lookups ...[]netip.Addr) *zone {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.answers[strings.ToLower(name)+"."] = lookups
	return z
}

// resolver returns a resolver that queries the zone over a connection in
// memory, as over TCP.
func (z *zone) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go z.serve(theirs)
		return ours, nil
	}}
}

func (z *zone) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		answer := z.answer(query)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))),
			answer...)); err != nil {
			return
		}
	}
}

const typeA, typeAAAA = 1, 28

// answer writes the answer to a query (RFC 1035, section 4.1).
func (z *zone) answer(query []byte) []byte {
	name, end := "", 12
	for query[end] != 0 {
		n := int(query[end])
		name += strings.ToLower(string(query[end+1:end+1+n])) + "."
		end += 1 + n
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	end += 5
	addresses, known := z.next(name, kind)
	out := append([]byte{}, query[:2]...)
	flags := uint16(0x8180) // an answer; recursion is desired and available
	if !known {
		flags |= 3 // no such name
	}
	out = binary.BigEndian.AppendUint16(out, flags)
	out = append(out, 0, 1, 0, byte(len(addresses)), 0, 0, 0, 0)
	out = append(out, query[12:end]...)
	for _, a := range addresses {
		out = append(out, 0xc0, 12) // the name of the question
		out = binary.BigEndian.AppendUint16(out, kind)
		out = append(out, 0, 1, 0, 0, 0, 0, 0, byte(a.BitLen()/8))
		out = append(out, a.AsSlice()...)
	}
	return out
}

func (z *zone) next(name string, kind uint16) (addresses []netip.Addr, known bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	lookups, known := z.answers[name]
	if !known || len(lookups) == 0 {
		return nil, false
	}
	counter := name
	if kind == typeAAAA {
		counter += "6"
	}
	lookup := lookups[min(z.asked[counter], len(lookups)-1)]
	z.asked[counter]++
	for _, a := range lookup {
		if kind == typeA && a.Is4() || kind == typeAAAA && a.Is6() {
			addresses = append(addresses, a)
		}
	}
	return addresses, true
}
