package parquet

import (
	"errors"
	"fmt"
	"io"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/problem"
)

// Limits of a page. The library allocates memory according to a page header
// and the runs in a page.
const (
	maxPageBytes  = 128 << 20 // packed or unpacked
	maxPageValues = 32 << 20
	maxPageHeader = 1 << 20
	maxRatio      = 1000 // of unpacked to packed bytes, beyond ratioFrom
	ratioFrom     = 64 << 20
)

// guardedChunk is a column chunk whose pages are checked before the library
// reads them.
type guardedChunk struct {
	pq.ColumnChunk
	guard *pageGuard
}

// guardChunk returns the chunk with checked pages. It returns a chunk that
// isn't from a file unchanged.
func guardChunk(chunk pq.ColumnChunk, column *pq.Column, meta *format.ColumnMetaData, stored *remembering,
	u *unpacker,
) pq.ColumnChunk {
	if _, ok := chunk.(*pq.FileColumnChunk); !ok {
		return chunk
	}
	base := meta.DataPageOffset
	if meta.DictionaryPageOffset != 0 {
		base = meta.DictionaryPageOffset
	}
	return &guardedChunk{chunk, &pageGuard{
		stored: stored, next: base, end: base + meta.TotalCompressedSize, codec: meta.Codec,
		repetition: column.MaxRepetitionLevel(), definition: column.MaxDefinitionLevel(), unpacker: u,
	}}
}

// Pages returns the checked pages.
func (c *guardedChunk) Pages() pq.Pages {
	file, ok := c.ColumnChunk.(*pq.FileColumnChunk)
	if !ok {
		return c.ColumnChunk.Pages()
	}
	return file.PagesFrom(c.guard)
}

// pageGuard reads the bytes of a column chunk. Before it returns bytes of a
// page, it checks the sizes in the page's header and unpacks the page to check
// the counts in it. Pages follow each other without gaps.
type pageGuard struct {
	stored                 *remembering
	codec                  format.CompressionCodec
	repetition, definition int   // the greatest levels of the column
	next, end              int64 // start of the first unchecked page, and end of the chunk
	packed, unpacked       int64 // bytes of the pages so far

	ahead   []byte // bytes that were read to check a page
	aheadAt int64
	*unpacker
}

// ReadAt reads bytes of checked pages.
func (g *pageGuard) ReadAt(p []byte, offset int64) (int, error) {
	n, err := g.fill(p, offset)
	for end := min(offset+int64(n), g.end); g.next < end; {
		if err := g.checkPage(p[:n], offset); err != nil {
			if g.stored.err == nil {
				g.stored.err = damaged(err)
			}
			return 0, g.stored.err
		}
	}
	return n, err
}

// damaged converts an error to a problem, unless it is one.
func damaged(err error) error {
	if problem.Is(err, problem.TooLarge) {
		return err
	}
	return problem.Wrap(err, problem.Invalid, "The Parquet file is damaged or cut off (%.200s).", err.Error()).
		WithHint("Upload the complete object again.")
}

// fill reads bytes, if possible from those read ahead.
func (g *pageGuard) fill(p []byte, offset int64) (int, error) {
	from := offset - g.aheadAt
	if from < 0 || from >= int64(len(g.ahead)) {
		return g.stored.ReadAt(p, offset)
	}
	n := copy(p, g.ahead[from:])
	if n == len(p) {
		return n, nil
	}
	g.ahead = nil // all of it was read
	more, err := g.stored.ReadAt(p[n:], offset+int64(n))
	return n + more, err
}

// peek returns the n bytes at an offset, fewer at the end of the chunk. p are
// the bytes that are being read, from offset at.
func (g *pageGuard) peek(p []byte, at, offset, n int64) ([]byte, error) {
	n = min(n, g.end-offset)
	if n <= 0 {
		return nil, nil
	}
	if from := offset - at; from >= 0 && from+n <= int64(len(p)) {
		return p[from : from+n], nil
	}
	if from := offset - g.aheadAt; from >= 0 && from+n <= int64(len(g.ahead)) {
		return g.ahead[from : from+n], nil
	}
	fetched := make([]byte, n)
	read := 0
	if from := offset - at; from >= 0 && from < int64(len(p)) {
		read = copy(fetched, p[from:])
	}
	more, err := g.fill(fetched[read:], offset+int64(read))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	g.ahead, g.aheadAt = fetched[:read+more], offset
	return g.ahead, nil
}

// checkPage checks the next page and moves on to the one after it.
func (g *pageGuard) checkPage(p []byte, at int64) error {
	header, size, err := g.header(p, at)
	if err != nil {
		return err
	}
	if err := g.checkSizes(&header, g.end-g.next-int64(size)); err != nil {
		return err
	}
	body, err := g.peek(p, at, g.next+int64(size), header.packed)
	if err != nil {
		return err
	}
	if int64(len(body)) < header.packed {
		return errors.New("a page is cut off")
	}
	if err := g.checkBody(&header, body); err != nil {
		return err
	}
	g.next += int64(size) + header.packed
	return nil
}

// header reads the header of the next page and returns its size.
func (g *pageGuard) header(p []byte, at int64) (pageHeader, int, error) {
	for n := int64(512); ; n *= 8 {
		b, err := g.peek(p, at, g.next, n)
		if err != nil {
			return pageHeader{}, 0, err
		}
		header, size, err := skimPageHeader(b)
		if !errors.Is(err, errThriftShort) || int64(len(b)) < n || n >= maxPageHeader {
			return header, size, err
		}
	}
}

func (g *pageGuard) checkSizes(h *pageHeader, left int64) error {
	switch {
	case h.packed < 0 || h.packed > left || h.unpacked < 0:
		return fmt.Errorf("a page has %d bytes, and %d are left", h.packed, left)
	case h.packed > maxPageBytes || h.unpacked > maxPageBytes || h.values < 0 || h.values > maxPageValues:
		return problem.New(problem.TooLarge, "A page of the Parquet file has %d values in %d bytes; at most %d values in %d bytes are read.",
			h.values, max(h.packed, h.unpacked), maxPageValues, maxPageBytes).
			WithHint("Write the file with smaller pages.")
	}
	g.packed += h.packed
	if g.unpacked += h.unpacked; g.unpacked > ratioFrom && g.unpacked/maxRatio > g.packed {
		return problem.New(problem.TooLarge, "A column of the Parquet file unpacks to more than %d bytes for each stored byte.",
			maxRatio).
			WithHint("Data is rarely so uniform. Check the object, and write it with less compression if it is right.")
	}
	return nil
}
