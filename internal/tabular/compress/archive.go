package compress

import (
	"archive/zip"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"

	"github.com/windlass-io/windlass/internal/problem"
)

// The limits of an archive.
const (
	MaxMembers        = 100_000
	maxDirectoryBytes = 64 << 20
)

// Archive is a zip archive.
type Archive struct {
	Members []Member // without folders
	stored  *directory
}

// Member is a file in an archive.
type Member struct {
	Name   string
	Stored int64 // bytes in the archive
	Size   int64 // bytes unpacked
	file   *zip.File
	from   *directory
}

// OpenArchive reads the list of a zip archive's members. If the archive is
// damaged, the error is a problem with code invalid; errors of r are returned
// unchanged.
func OpenArchive(r io.ReaderAt, size int64) (*Archive, error) {
	stored := &directory{inner: r, size: size, left: maxDirectoryBytes}
	found, err := zip.NewReader(stored, size)
	if err != nil {
		return nil, stored.explain(err)
	}
	stored.left = -1
	found.RegisterDecompressor(zip.Deflate, flate.NewReader)
	found.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(
		zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow)))
	a := &Archive{stored: stored}
	return a, a.add(found, size)
}

// add adds the members of an archive.
func (a *Archive) add(found *zip.Reader, size int64) error {
	if len(found.File) > MaxMembers {
		return problem.New(problem.TooLarge, "The zip archive has more than %d members.", MaxMembers).
			WithHint("Split the archive into smaller ones.")
	}
	names := make(map[string]bool, len(found.File))
	var total uint64
	for _, f := range found.File {
		total += f.CompressedSize64
		if f.CompressedSize64 > uint64(size) || total > uint64(size) { //nolint:gosec // a size is positive
			return damagedArchive(errors.New("its members overlap"))
		}
		name := strings.ToValidUTF8(f.Name, "\uFFFD")
		if strings.HasSuffix(name, "/") {
			continue
		}
		if names[name] {
			return problem.New(problem.Invalid, "The zip archive has two members with the name %.200q.", name).
				WithHint("Give each member a unique name.").WithReason(Damaged)
		}
		names[name] = true
		a.Members = append(a.Members, Member{
			Name: name, Stored: int64(f.CompressedSize64), //nolint:gosec // not more than the archive
			Size: int64(min(f.UncompressedSize64, 1<<62)),
			file: f, from: a.stored,
		})
	}
	return nil
}

// Find returns the member with a name.
func (a *Archive) Find(name string) (Member, bool) {
	for _, m := range a.Members {
		if m.Name == name {
			return m, true
		}
	}
	return Member{}, false
}

// Open unpacks a member. If the member is itself an archive, compressed or
// encrypted, the error is a problem with code invalid. Close must be called.
func (m *Member) Open(limits Limits) (*Reader, error) {
	if m.file.Flags&1 != 0 {
		return nil, problem.New(problem.Invalid, "It is encrypted.").WithReason(Encrypted).
			WithHint("Upload the archive without a password.")
	}
	opened, err := m.file.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, problem.New(problem.Invalid, "It is compressed with zip method %d, which isn't "+
			"supported.", m.file.Method).
			WithHint("Compress it with deflate, the usual method.").
			WithReason(Damaged)
	}
	if err != nil {
		return nil, m.from.explain(err)
	}
	limits = limits.withDefaults()
	limits.Stored = m.Stored
	return &Reader{
		Kind: Zip, inner: opened, close: func() { _ = opened.Close() }, // nothing is written
		stored: &counter{}, limits: limits, from: m.from,
	}, nil
}

// Nested returns the problem of a member that is packed itself.
func Nested(kind Kind) error {
	name := string(kind) + " data"
	if kind == Zip {
		name = "a zip archive"
	}
	return problem.New(problem.Invalid, "It is %s inside a zip archive, which isn't supported.", name).
		WithHint("Add the files to the archive directly.").WithReason(Damaged)
}

// Packed is the problem of data that is compressed twice.
func Packed(kind, outer Kind) error {
	return problem.New(problem.Invalid, "It is %s data inside of %s data, and only one of them is unpacked.", kind, outer).
		WithHint("Compress the file once.").
		WithReason(Damaged)
}

// IsBlock reports whether an object is a block of snappy without frames. The
// format has no signature, so IsBlock unpacks all of it.
func IsBlock(stored []byte) bool {
	n, err := snappy.DecodedLen(stored)
	if err != nil || n < len(stored)/2 || n > maxBlockRatio*len(stored) {
		return false
	}
	text, err := snappy.Decode(nil, stored)
	return err == nil && len(text) == n
}

// maxBlockRatio is more than a block of snappy can unpack to: 64 bytes for 3.
const maxBlockRatio = 22

// directory reads an archive. It distinguishes read errors from data errors,
// and limits the bytes read for the list of members.
type directory struct {
	inner io.ReaderAt
	size  int64
	left  int64 // bytes; negative: any number
	err   error
}

var errDirectory = errors.New("the list of members is too long")

func (d *directory) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 || offset > d.size {
		return 0, errors.New("it points outside the archive")
	}
	if d.left >= 0 {
		if d.left -= int64(len(p)); d.left < 0 {
			return 0, errDirectory
		}
	}
	n, err := d.inner.ReadAt(p, offset)
	if err != nil && err != io.EOF {
		d.err = err
	}
	return n, err
}

// explain returns the read error if there was one, else a problem that describes
// the data.
func (d *directory) explain(err error) error {
	var known *problem.Error
	switch {
	case d.err != nil:
		return d.err
	case errors.As(err, &known):
		return err
	case errors.Is(err, errDirectory):
		return problem.New(problem.TooLarge, "The list of the zip archive's members is longer than %d MiB.",
			maxDirectoryBytes>>20).WithHint("Split the archive into smaller ones.")
	}
	return damagedArchive(err)
}

func damagedArchive(err error) error {
	return problem.Wrap(err, problem.Invalid, "The zip archive is damaged or cut off (%s).", detail(err)).
		WithHint("Upload the complete object again.").WithReason(Damaged)
}
