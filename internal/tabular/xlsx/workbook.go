package xlsx

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/compress"
)

// Limits of the parts of a workbook in memory.
const (
	maxSharedBytes = 256 << 20 // texts that cells share
	maxShared      = 16 << 20
	maxStyles      = 1 << 16
	maxSheets      = 10_000
	maxTokenBytes  = 1 << 20 // of an element or a text in XML; a cell has at most 32,767 characters
)

// workbook has the parts that all sheets share.
type workbook struct {
	sheets   []sheetInfo
	date1904 bool
	styles   []dateStyle // of each cell format
	shared   texts
	stored   int64 // bytes of its parts in the archive
}

type sheetInfo struct {
	name, part string
	hidden     bool
}

// texts stores many texts in one allocation.
type texts struct {
	bytes []byte
	ends  []uint32
}

func (t *texts) at(i int) ([]byte, bool) {
	if i < 0 || i >= len(t.ends) {
		return nil, false
	}
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.bytes[start:t.ends[i]], true
}

func openWorkbook(ctx context.Context, archive *compress.Archive, unpacked int64) (*workbook, error) {
	b := &workbook{}
	targets := relations{sheets: map[string]string{}}
	for _, part := range []struct {
		related, name string // by its relationship, or where it usually is
		read          func(*elements) error
	}{
		{"", "xl/_rels/workbook.xml.rels", targets.read},
		{"", Workbook, func(e *elements) error { return b.readSheets(e, targets.sheets) }},
		{"styles", "xl/styles.xml", b.readStyles},
		{"sharedStrings", "xl/sharedStrings.xml", b.readShared},
	} {
		name := part.name
		related := targets.part(part.related)
		if related != "" {
			name = related
		}
		member, found := archive.Find(name)
		if !found && related != "" {
			return nil, missingPart(name)
		}
		if !found {
			continue
		}
		b.stored += member.Stored
		e, err := openPart(ctx, member, unpacked)
		if err != nil {
			return nil, err
		}
		err = part.read(e)
		e.close()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return b, nil
}

func missingPart(name string) error {
	return damaged(fmt.Errorf("it has no part %.200q", name))
}

// relations has the parts that a workbook has relationships with.
type relations struct {
	sheets         map[string]string // by the ID of the relationship
	styles, shared string
}

func (r *relations) part(kind string) string {
	switch kind {
	case "styles":
		return r.styles
	case "sharedStrings":
		return r.shared
	}
	return ""
}

// read reads the part that each relationship refers to.
func (r *relations) read(e *elements) error {
	for {
		start, err := e.next("Relationship")
		if err != nil {
			return err
		}
		if attribute(start, "TargetMode") == "External" {
			continue
		}
		target := attribute(start, "Target")
		if rest, absolute := strings.CutPrefix(target, "/"); absolute {
			target = rest
		} else {
			target = path.Join("xl", target)
		}
		switch kind := path.Base(attribute(start, "Type")); {
		case kind == "styles":
			r.styles = target
		case kind == "sharedStrings":
			r.shared = target
		case kind != "chartsheet" && len(r.sheets) < maxSheets:
			r.sheets[attribute(start, "Id")] = target
		}
	}
}

func (b *workbook) readSheets(e *elements, targets map[string]string) error {
	for {
		start, err := e.next("sheet", "workbookPr")
		if err != nil {
			return err
		}
		if start.Name.Local == "workbookPr" {
			b.date1904 = isTrue(attribute(start, "date1904"))
			continue
		}
		if len(b.sheets) >= maxSheets {
			return problem.New(problem.TooLarge, "The workbook has more than %d sheets.", maxSheets)
		}
		state := attribute(start, "state")
		b.sheets = append(b.sheets, sheetInfo{
			name: attribute(start, "name"), part: targets[attribute(start, "id")],
			hidden: state == "hidden" || state == "veryHidden",
		})
	}
}

// readStyles reads which cell formats display dates.
func (b *workbook) readStyles(e *elements) error {
	custom := map[int]dateStyle{}
	inside := false
	for {
		start, err := e.next("numFmt", "cellXfs", "xf", "cellStyles", "cellStyleXfs", "dxfs")
		if err != nil {
			return err
		}
		switch start.Name.Local {
		case "numFmt":
			id, _ := strconv.Atoi(attribute(start, "numFmtId"))
			if len(custom) < maxStyles {
				custom[id] = styleOf(attribute(start, "formatCode"))
			}
		case "xf":
			if !inside || len(b.styles) >= maxStyles {
				continue
			}
			id, _ := strconv.Atoi(attribute(start, "numFmtId"))
			style, found := custom[id]
			if !found {
				style = builtIn(id)
			}
			b.styles = append(b.styles, style)
		default:
			inside = start.Name.Local == "cellXfs"
		}
	}
}

// readShared reads the texts that cells share. It skips phonetic hints.
func (b *workbook) readShared(e *elements) error {
	begun := false
	end := func() {
		if begun {
			b.shared.ends = append(b.shared.ends, uint32(len(b.shared.bytes))) //nolint:gosec // bounded below
		}
	}
	for {
		token, err := e.token()
		if err != nil {
			end()
			return err
		}
		start, is := token.(xml.StartElement)
		if !is {
			continue
		}
		switch start.Name.Local {
		case "si":
			end()
			begun = true
		case "rPh":
			err = e.skip()
		case "t":
			b.shared.bytes, err = e.text(b.shared.bytes)
		}
		if err != nil {
			return err
		}
		if len(b.shared.bytes) > maxSharedBytes || len(b.shared.ends) > maxShared {
			return problem.New(problem.TooLarge, "The workbook has more than %d MiB, or %d, of shared texts.",
				maxSharedBytes>>20, maxShared).WithHint("Split it into smaller ones, or save the sheet as CSV.").
				WithReason(compress.ExpansionLimit)
		}
	}
}

func isTrue(text string) bool { return text == "1" || text == "true" || text == "on" }

func attribute(e *xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// elements reads the XML of a part as a stream.
type elements struct {
	ctx     context.Context //nolint:containedctx // an io.Reader can't get it otherwise
	stored  *compress.Reader
	decoder *xml.Decoder
	left    int   // bytes left for the token
	depth   int   // of the element that is read
	begun   bool  // the root element
	err     error // of reading
}

func openPart(ctx context.Context, m compress.Member, unpacked int64) (*elements, error) {
	stored, err := m.Open(compress.Limits{Unpacked: unpacked})
	if err != nil {
		return nil, err
	}
	e := &elements{ctx: ctx, stored: stored}
	e.decoder = xml.NewDecoder(bufio.NewReaderSize(e, 64<<10))
	return e, nil
}

// Read reads the part, and fails if one token is too large.
func (e *elements) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		e.err = err
		return 0, err
	}
	if e.left <= 0 {
		e.err = damaged(errors.New("an element or a text is too long"))
		return 0, e.err
	}
	n, err := e.stored.Read(p)
	e.left -= n
	if err != nil && err != io.EOF { //nolint:errorlint // an error of reading may have io.EOF for its cause
		e.err = err
	}
	return n, err
}

func (e *elements) close() { _ = e.stored.Close() }

// token returns the next token, which is valid until the next call. At the end of the root
// element's part the error is io.EOF; a part that ends before is damaged.
func (e *elements) token() (xml.Token, error) {
	e.left = maxTokenBytes
	token, err := e.decoder.RawToken()
	switch {
	case err == nil:
		switch token.(type) {
		case xml.StartElement:
			e.depth, e.begun = e.depth+1, true
		case xml.EndElement:
			e.depth--
		}
		return token, nil
	case e.err != nil:
		return nil, e.err
	case err == io.EOF: //nolint:errorlint // see Read
		if !e.begun || e.depth != 0 {
			return nil, damaged(io.ErrUnexpectedEOF)
		}
		return nil, io.EOF
	}
	return nil, damaged(err)
}

// next returns the next beginning of an element with one of these names.
func (e *elements) next(names ...string) (*xml.StartElement, error) {
	for {
		token, err := e.token()
		if err != nil {
			return nil, err
		}
		if start, is := token.(xml.StartElement); is {
			for _, name := range names {
				if start.Name.Local == name {
					return &start, nil
				}
			}
		}
	}
}

// skip skips the rest of the current element.
func (e *elements) skip() error {
	for depth := 1; depth > 0; {
		token, err := e.token()
		if err != nil {
			return unended(err)
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// maxText is the largest text of a cell; Excel has at most 32,767 characters.
const maxText = 1 << 20

// text appends the text of the current element up to its end, with decoded escapes.
func (e *elements) text(dst []byte) ([]byte, error) {
	start := len(dst)
	for depth := 1; depth > 0; {
		token, err := e.token()
		if err != nil {
			return dst, unended(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			dst = append(dst, token...)
			if len(dst)-start > maxText {
				return dst, damaged(errors.New("the text of a cell is too long"))
			}
		}
	}
	return unescape(dst, start), nil
}

// unescape decodes the escapes _xHHHH_ in a text from a byte on: UTF-16 code units that XML
// can't have or would change, such as _x000D_ (ECMA-376, part 1, section 22.9.2.19).
func unescape(text []byte, from int) []byte {
	at := bytes.Index(text[from:], []byte("_x"))
	if at < 0 {
		return text
	}
	end := from + at
	for i := end; i < len(text); {
		unit, ok := escape(text[i:])
		if !ok {
			text[end] = text[i]
			end, i = end+1, i+1
			continue
		}
		i += escapeSize
		if low, ok := escape(text[i:]); ok && utf16.IsSurrogate(unit) {
			if pair := utf16.DecodeRune(unit, low); pair != utf8.RuneError {
				unit, i = pair, i+escapeSize
			}
		}
		end += utf8.EncodeRune(text[end:end+utf8.UTFMax], unit)
	}
	return text[:end]
}

const escapeSize = len("_xHHHH_")

// escape decodes the escape that a text begins with.
func escape(text []byte) (rune, bool) {
	if len(text) < escapeSize || text[0] != '_' || text[1] != 'x' || text[escapeSize-1] != '_' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:escapeSize-1]), 16, 16)
	return rune(unit), err == nil
}

// unended returns the error for a part that ends inside an element.
func unended(err error) error {
	if errors.Is(err, io.EOF) {
		return damaged(io.ErrUnexpectedEOF)
	}
	return err
}

func damaged(err error) error {
	return problem.Wrap(err, problem.Invalid, "The Excel workbook is damaged (%.200s).", err.Error()).
		WithHint("Open it in Excel, save it again, and upload the new file.").WithReason(compress.Damaged)
}
