package journal

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// errTorn is returned for an incomplete or damaged frame.
var errTorn = errors.New("torn frame")

// scan reads the whole file into the index and cuts off an incomplete end.
func (j *Journal) scan() error {
	r := bufio.NewReaderSize(j.file, 1<<20)
	head := make([]byte, len(magic))
	switch n, err := io.ReadFull(r, head); {
	case n < len(magic) && magic[:n] == string(head[:n]): // new, or truncated in its first line
		return j.begin()
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("reading the journal: %w", err)
	case string(head) != magic:
		return j.foreign(string(head[:n]))
	}
	info, err := j.file.Stat()
	if err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	j.size = int64(len(magic))
	var payload []byte
	for {
		payload, err = frame(r, payload, info.Size()-j.size-frameHead)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if errors.Is(err, errTorn) {
			return j.cut()
		}
		if err != nil {
			return fmt.Errorf("reading the journal: %w", err)
		}
		changes, err := parse(payload)
		if err != nil {
			return problem.New(problem.Invalid, "reading %s at byte %d: %w", j.path(), j.size, err).
				WithHint("%s", hintElse)
		}
		for _, c := range changes {
			c.at.offset += j.size + frameHead
			j.apply(c)
		}
		j.size += frameHead + int64(len(payload))
	}
}

const hintElse = "Open it with the version that wrote it, or choose another folder."

// foreign returns the error for a file in another format or that isn't a
// journal.
func (j *Journal) foreign(head string) error {
	if strings.HasPrefix(head, magic[:len(magic)-2]) {
		return problem.New(problem.Invalid, "%s has the format of another version", j.path()).WithHint("%s", hintElse)
	}
	return problem.New(problem.Invalid, "%s is not a sandbox journal", j.path()).
		WithHint("Choose another folder, or move the file away to start with an empty journal.")
}

func (j *Journal) begin() error {
	if err := j.file.Truncate(0); err != nil {
		return fmt.Errorf("beginning the journal: %w", err)
	}
	if _, err := j.file.WriteAt([]byte(magic), 0); err != nil {
		return fmt.Errorf("beginning the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("beginning the journal: %w", err)
	}
	j.size = int64(len(magic))
	return SyncDir(j.dir)
}

// cut removes everything after the last whole frame and keeps it in a file next
// to the journal.
func (j *Journal) cut() error {
	rest, err := os.OpenFile(j.path()+".cut", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("saving the removed end: %w", err)
	}
	_, err = io.Copy(rest, io.NewSectionReader(j.file, j.size, math.MaxInt64-j.size))
	if err := errors.Join(err, rest.Close()); err != nil {
		return fmt.Errorf("saving the removed end: %w", err)
	}
	if err := j.file.Truncate(j.size); err != nil {
		return fmt.Errorf("cutting the journal: %w", err)
	}
	return j.file.Sync()
}

// frame reads one frame's payload, at most limit bytes long, into a buffer that
// the caller may reuse. It returns io.EOF at the end of the file.
func frame(r io.Reader, buffer []byte, limit int64) ([]byte, error) {
	var head [frameHead]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		if n == 0 && errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, torn(err)
	}
	length := binary.LittleEndian.Uint32(head[:])
	if int64(length) > limit {
		return nil, errTorn
	}
	if length == 0 { // no frame is empty; a power cut may leave zeros in a file
		return nil, errTorn
	}
	payload := slices.Grow(buffer[:0], int(length))[:length]
	if _, err := io.ReadFull(r, payload); err != nil {
		return nil, torn(err)
	}
	if crc32.Checksum(payload, castagnoli()) != binary.LittleEndian.Uint32(head[4:]) {
		return nil, errTorn
	}
	return payload, nil
}

func torn(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errTorn
	}
	return err
}

// parse parses the records of a payload. Offsets count from its first byte.
func parse(payload []byte) ([]change, error) {
	bad := errors.New("unreadable record")
	var changes []change
	for at := 0; at < len(payload); {
		keyLength, n := binary.Uvarint(payload[at:])
		if n <= 0 || keyLength > uint64(len(payload)-at-n) { //nolint:gosec // both are positive
			return nil, bad
		}
		at += n
		key := string(payload[at : at+int(keyLength)]) //nolint:gosec // at most the payload's length, see above
		at += int(keyLength)                           //nolint:gosec // as above
		length, n := binary.Uvarint(payload[at:])
		if n <= 0 {
			return nil, bad
		}
		at += n
		if length == 0 {
			changes = append(changes, change{key: key, gone: true})
			continue
		}
		length--
		if length > uint64(len(payload)-at) { //nolint:gosec // as above
			return nil, bad
		}
		changes = append(changes, change{key: key, at: location{int64(at), int64(length)}}) //nolint:gosec // as above
		at += int(length)                                                                   //nolint:gosec // as above
	}
	return changes, nil
}

// Keys returns the keys with a prefix, in no order.
func (j *Journal) Keys(prefix string) []string {
	j.files.RLock()
	defer j.files.RUnlock()
	var keys []string
	for key := range j.index {
		if len(key) >= len(prefix) && key[:len(prefix)] == prefix {
			keys = append(keys, key)
		}
	}
	return keys
}

// ordered returns the wanted keys in the order of their values in the file.
func (j *Journal) ordered(wanted func(key string) bool) []string {
	type place struct {
		offset int64
		key    string
	}
	var places []place
	j.files.RLock()
	for key, at := range j.index {
		if wanted(key) {
			places = append(places, place{at.offset, key})
		}
	}
	j.files.RUnlock()
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.offset, b.offset) })
	keys := make([]string, len(places))
	for i, p := range places {
		keys[i] = p.key
	}
	return keys
}
