package parquetfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Reader reads one file. It is safe for concurrent use.
type Reader struct {
	name    string
	file    File
	cache   *Cache
	id      uint64
	spec    Spec             // with which the file was written
	columns []dataset.Column // with the system columns
	byName  map[string]int   // places of the dataset's columns
	rows    int64
	groups  []group
	starts  []int64 // first row of each page, and the number of rows
	group   []int32 // row group of each page
	offsets []lazy[pageOffsets]
	bounds  []lazy[pageBounds]
}

// group is a row group.
type group struct {
	firstPage int
	rows      int64
	chunks    []chunkInfo
}

// chunkInfo has the location of a column in a row group.
type chunkInfo struct {
	dictionary   int64 // offset of its page; 0 for none
	data         int64 // offset of the first data page
	end          int64
	snappy       bool
	offsets      section
	bounds       section
	uncompressed int64
}

type section struct {
	at   int64
	size int32
	sum  uint32
}

// pageOffsets has the locations of a column's pages.
type pageOffsets struct {
	at   []int64
	size []int32
}

// lazy is a value that is read when it is first needed.
type lazy[T any] struct {
	value atomic.Pointer[T]
}

func (l *lazy[T]) get(read func() (*T, error)) (*T, error) {
	if v := l.value.Load(); v != nil {
		return v, nil
	}
	v, err := read()
	if err == nil {
		l.value.Store(v)
	}
	return v, err
}

var readers atomic.Uint64

// Open opens a file for reading. The cache keeps its decoded pages. If the file
// isn't what [Write] wrote, [IsDamaged] is true for the error.
func Open(fs FS, name string, cache *Cache) (*Reader, error) {
	file, err := fs.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	r := &Reader{name: name, file: file, cache: cache, id: readers.Add(1)}
	if err := r.open(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

// Close closes the file. Rows and scans that read it must be closed before.
func (r *Reader) Close() error { return r.file.Close() }

// Name returns the name of the file.
func (r *Reader) Name() string { return r.name }

// Rows returns the number of rows, deleted ones included.
func (r *Reader) Rows() int64 { return r.rows }

// Bytes returns the size of the file.
func (r *Reader) Bytes() int64 { return r.file.Size() }

// Spec returns the spec with which the file was written.
func (r *Reader) Spec() Spec { return r.spec }

// damaged wraps a cause in the problem of a damaged file, unless it is a read
// error.
func (r *Reader) damaged(cause error) error { return damaged(r.name, cause) }

// open reads the footer.
func (r *Reader) open() error {
	size := r.file.Size()
	if size < 16 {
		return r.damaged(fmt.Errorf("it has %d bytes", size))
	}
	var head [len(magic)]byte
	if err := r.readAt(head[:], 0); err != nil {
		return err
	}
	if string(head[:]) != magic {
		return r.damaged(errors.New("its beginning is missing"))
	}
	tail := make([]byte, min(size, 64<<10))
	if err := r.readAt(tail, size-int64(len(tail))); err != nil {
		return err
	}
	if string(tail[len(tail)-4:]) != magic {
		return r.damaged(errors.New("its end is missing"))
	}
	n := int64(binary.LittleEndian.Uint32(tail[len(tail)-8:]))
	if n > size-16 {
		return r.damaged(fmt.Errorf("its footer has %d bytes of %d", n, size))
	}
	if n+12 > int64(len(tail)) {
		tail = make([]byte, n+12)
		if err := r.readAt(tail, size-n-12); err != nil {
			return err
		}
	}
	footer := tail[int64(len(tail))-8-n : len(tail)-8]
	if binary.LittleEndian.Uint32(tail[int64(len(tail))-12-n:]) != crc32.ChecksumIEEE(footer) {
		return r.damaged(fmt.Errorf("its footer: %w", errChecksum))
	}
	return r.parseFooter(footer)
}

// readAt fills b from the file.
func (r *Reader) readAt(b []byte, at int64) error {
	n, err := r.file.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case errors.Is(err, io.EOF):
		return r.damaged(fmt.Errorf("it ends at byte %d", at+int64(n)))
	default:
		return fmt.Errorf("reading %s: %w", r.name, err)
	}
}

func (r *Reader) parseFooter(b []byte) error {
	var meta format.FileMetaData
	if err := thrift.Unmarshal(&thrift.CompactProtocol{}, b, &meta); err != nil {
		return r.damaged(fmt.Errorf("its footer: %w", err))
	}
	for _, kv := range meta.KeyValueMetadata {
		if kv.Key == specKey {
			spec, err := unmarshalSpec(kv.Value)
			if err != nil {
				return r.damaged(fmt.Errorf("its columns: %w", err))
			}
			r.spec = spec
		}
	}
	if r.spec.Columns == nil {
		return r.damaged(errors.New("Windlass did not write it")) //nolint:staticcheck // a name
	}
	r.columns = r.spec.allColumns()
	r.byName = make(map[string]int, len(r.spec.Columns))
	for i, c := range r.spec.Columns {
		r.byName[c.Name] = i
	}
	if len(meta.Schema) != len(r.columns)+1 {
		return r.damaged(fmt.Errorf("it has %d columns instead of %d", len(meta.Schema)-1, len(r.columns)))
	}
	for i := range meta.RowGroups {
		if err := r.addGroup(&meta.RowGroups[i]); err != nil {
			return err
		}
	}
	if r.rows != meta.NumRows {
		return r.damaged(fmt.Errorf("it has %d rows instead of %d", r.rows, meta.NumRows))
	}
	r.offsets = make([]lazy[pageOffsets], len(r.columns))
	r.bounds = make([]lazy[pageBounds], len(r.columns))
	return r.addPages()
}

func (r *Reader) addGroup(g *format.RowGroup) error {
	if len(g.Columns) != len(r.columns) || g.NumRows < 1 {
		return r.damaged(fmt.Errorf("a row group has %d columns and %d rows", len(g.Columns), g.NumRows))
	}
	group := group{rows: g.NumRows, chunks: make([]chunkInfo, len(g.Columns))}
	for i := range g.Columns {
		c := &g.Columns[i]
		start := c.MetaData.DataPageOffset
		if d := c.MetaData.DictionaryPageOffset; d > 0 {
			start = d
		}
		sums, ok := parseSums(c.MetaData.KeyValueMetadata)
		group.chunks[i] = chunkInfo{
			dictionary: c.MetaData.DictionaryPageOffset, data: c.MetaData.DataPageOffset,
			end:          start + c.MetaData.TotalCompressedSize,
			snappy:       c.MetaData.Codec == format.Snappy,
			offsets:      section{c.OffsetIndexOffset, c.OffsetIndexLength, sums[1]},
			bounds:       section{c.ColumnIndexOffset, c.ColumnIndexLength, sums[0]},
			uncompressed: c.MetaData.TotalUncompressedSize,
		}
		info := &group.chunks[i]
		if !ok || c.MetaData.Type != physical(r.columns[i].Type) || info.dictionary < 0 ||
			info.dictionary > info.data || info.data < 4 || info.data >= info.end ||
			info.end > r.file.Size() || info.offsets.size < 1 || info.bounds.size < 0 ||
			c.MetaData.Codec != format.Snappy && c.MetaData.Codec != format.Uncompressed {
			return r.damaged(fmt.Errorf("column %q is described wrongly", r.columns[i].Name))
		}
	}
	r.groups = append(r.groups, group)
	r.rows += g.NumRows
	return nil
}

// addPages reads the first rows of the pages, which are the same for all columns.
func (r *Reader) addPages() error {
	column := len(r.columns) - systemColumns // _seq
	row := int64(0)
	for g := range r.groups {
		r.groups[g].firstPage = len(r.starts)
		index, err := r.offsetIndex(g, column)
		if err != nil {
			return err
		}
		for i, p := range index.PageLocations {
			next := r.groups[g].rows
			if i+1 < len(index.PageLocations) {
				next = index.PageLocations[i+1].FirstRowIndex
			}
			if p.FirstRowIndex < 0 || p.FirstRowIndex >= next || next > r.groups[g].rows || i == 0 &&
				p.FirstRowIndex != 0 {
				return r.damaged(errors.New("its offset index"))
			}
			r.starts = append(r.starts, row+p.FirstRowIndex)
			r.group = append(r.group, int32(g))
		}
		row += r.groups[g].rows
	}
	r.starts = append(r.starts, row)
	return nil
}

func (r *Reader) offsetIndex(g, column int) (*format.OffsetIndex, error) {
	var index format.OffsetIndex
	if err := r.section(r.groups[g].chunks[column].offsets, &index); err != nil {
		return nil, err
	}
	return &index, nil
}

// section decodes a part of the file in Thrift's compact protocol.
func (r *Reader) section(s section, value any) error {
	if s.at < 4 || s.size < 0 || s.at+int64(s.size) > r.file.Size() {
		return r.damaged(errors.New("an index is not in the file"))
	}
	b := make([]byte, s.size)
	if err := r.readAt(b, s.at); err != nil {
		return err
	}
	if crc32.ChecksumIEEE(b) != s.sum {
		return r.damaged(fmt.Errorf("an index: %w", errChecksum))
	}
	if err := thrift.Unmarshal(&thrift.CompactProtocol{}, b, value); err != nil {
		return r.damaged(fmt.Errorf("an index: %w", err))
	}
	return nil
}

// pageCount returns the number of pages of each column.
func (r *Reader) pageCount() int { return len(r.starts) - 1 }

// pagesOf returns the locations of a column's pages.
func (r *Reader) pagesOf(column int) (*pageOffsets, error) {
	return r.offsets[column].get(func() (*pageOffsets, error) {
		p := &pageOffsets{make([]int64, 0, r.pageCount()), make([]int32, 0, r.pageCount())}
		for g := range r.groups {
			index, err := r.offsetIndex(g, column)
			if err != nil {
				return nil, err
			}
			chunk := &r.groups[g].chunks[column]
			for i, l := range index.PageLocations {
				at := r.groups[g].firstPage + i
				if at >= r.pageCount() || l.Offset < chunk.data || l.CompressedPageSize < 1 ||
					l.Offset+int64(l.CompressedPageSize) > chunk.end {
					return nil, r.damaged(fmt.Errorf("the offset index of column %q", r.columns[column].Name))
				}
				p.at, p.size = append(p.at, l.Offset), append(p.size, l.CompressedPageSize)
			}
		}
		if len(p.at) != r.pageCount() {
			return nil, r.damaged(fmt.Errorf("column %q has %d pages instead of %d", r.columns[column].Name, len(p.at),
				r.pageCount()))
		}
		return p, nil
	})
}

// buffers keeps memory for encoded pages.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// keep defines whether a decoded page is cached.
type keep bool

const (
	cached   keep = true
	uncached keep = false // for scans, which would evict everything else
)

// page returns a page of a column. It must not be changed.
func (r *Reader) page(column, i int, keep keep) (*page, error) {
	key := pageKey{r.id, int32(column), int32(i)}
	if p := r.cache.get(key); p != nil {
		return p, nil
	}
	pages, err := r.pagesOf(column)
	if err != nil {
		return nil, err
	}
	var dict *page
	if chunk := &r.groups[r.group[i]].chunks[column]; chunk.dictionary > 0 {
		if dict, err = r.dictionary(column, int(r.group[i])); err != nil {
			return nil, err
		}
	}
	p, err := r.decode(column, pages.at[i], int(pages.size[i]), int(r.starts[i+1]-r.starts[i]), dict)
	if err != nil {
		return nil, err
	}
	if keep {
		r.cache.put(key, p)
	}
	return p, nil
}

func (r *Reader) dictionary(column, group int) (*page, error) {
	key := pageKey{r.id, int32(column), int32(-1 - group)}
	if p := r.cache.get(key); p != nil {
		return p, nil
	}
	chunk := &r.groups[group].chunks[column]
	p, err := r.decode(column, chunk.dictionary, int(chunk.data-chunk.dictionary), 0, nil)
	if err == nil {
		r.cache.put(key, p)
	}
	return p, err
}

// decode reads a page with a number of rows; 0 rows mean a dictionary.
func (r *Reader) decode(column int, at int64, size, rows int, dict *page) (*page, error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	if cap(*buffer) < size {
		*buffer = make([]byte, size)
	}
	b := (*buffer)[:size]
	if err := r.readAt(b, at); err != nil {
		return nil, err
	}
	p, err := r.decodePage(b, column, rows, dict)
	if err != nil {
		return nil, r.damaged(fmt.Errorf("column %q, page at byte %d: %w", r.columns[column].Name, at, err))
	}
	return p, nil
}

var (
	errChecksum = errors.New("the checksum does not match")
	errPage     = errors.New("its content does not match its header")
)

// decodePage decodes the bytes of a page, header included.
func (r *Reader) decodePage(b []byte, column, rows int, dict *page) (*page, error) {
	var h pageHeader
	n, err := h.parse(b)
	if err != nil {
		return nil, err
	}
	var scratch [64]byte
	if !bytes.Equal(h.append(scratch[:0]), b[:n]) { // the checksum doesn't cover the header
		return nil, errHeader
	}
	b = b[n:]
	switch {
	case h.compressed != len(b):
		return nil, errPage
	case crc32.ChecksumIEEE(b) != h.crc:
		return nil, errChecksum
	case rows == 0 && h.kind != format.DictionaryPage, rows > 0 && (h.kind != format.DataPageV2 || h.values != rows):
		return nil, errPage
	}
	levels, body := b[:h.levels], b[h.levels:]
	packed := r.groups[0].chunks[column].snappy && h.isCompressed
	return decodeValues(r.columns[column].Type, &h, levels, body, packed, dict)
}

// unpack returns the body of a page. If own is set or the body is compressed,
// the result has its own memory.
func unpack(body []byte, size int, packed, own bool) ([]byte, error) {
	switch {
	case packed:
		if n, err := s2.DecodedLen(body); err != nil || n != size {
			return nil, errPage
		}
		return s2.Decode(make([]byte, size), body)
	case len(body) != size:
		return nil, errPage
	case own:
		return append([]byte(nil), body...), nil
	default:
		return body, nil
	}
}
