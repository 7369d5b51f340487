package tabular

import (
	"context"
	"io"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/compress"
	"github.com/windlass-io/windlass/internal/tabular/xlsx"
)

// MemberSeparator separates the key of an archive from the name of its member.
const MemberSeparator = "!"

// NotFoundInside is the reason of content that doesn't have the chosen part.
const NotFoundInside = "not_found_inside"

// allMembers is the glob that matches all members.
const allMembers = "**"

// Members chooses the members of archives.
type Members struct {
	Glob  string // for people; empty: all
	Match func(name string, size int64) bool
}

// limits returns the limits of the input's unpacked bytes.
func (c *Content) limits() compress.Limits {
	limits := compress.Limits{Unpacked: c.options.UnpackedBytes, Count: c.options.Unpacked}
	if !c.input.Member {
		limits.Stored = c.input.Size
	}
	return limits
}

// compression returns how the content is compressed. A member can't be compressed
// itself.
func (i *Input) compression(found compress.Kind) (compress.Kind, error) {
	switch {
	case !i.Member:
		return found, nil
	case found != compress.None:
		return found, compress.Nested(found)
	}
	return compress.Zip, nil
}

// openArchive lists the members of a zip archive.
func (c *Content) openArchive(ctx context.Context) error {
	if c.input.At == nil {
		return problem.New(problem.Invalid, "The file is a zip archive, which can't be read as a stream.").
			WithHint("Send the file inside, or load the archive from a bucket.").WithReason(WrongFormat)
	}
	// The rest is read by offset, so the stream is no longer needed.
	if err := c.Close(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	c.closers = append(c.closers, func() error { cancel(); return nil })
	archive, err := compress.OpenArchive(c.input.At(ctx), c.input.Size)
	if err != nil {
		return err
	}
	if _, is := archive.Find(xlsx.Workbook); is {
		return c.openWorkbook(ctx, archive)
	}
	if c.options.Format == XLSX {
		return wrongFormat("It isn't an Excel workbook (.xlsx), but a zip archive.")
	}
	return c.chooseMembers(archive)
}

// openWorkbook opens a sheet of an Excel workbook, which is a zip archive too.
func (c *Content) openWorkbook(ctx context.Context, archive *compress.Archive) error {
	switch o := &c.options; {
	case o.Format != "" && o.Format != Auto && o.Format != XLSX:
		return wrongFormat("It is an Excel workbook, and the source's format is %s.", o.Format)
	case c.input.Member:
		return compress.Nested(compress.Zip)
	}
	c.Format, c.Compression = XLSX, compress.None
	file, err := xlsx.Open(ctx, archive, xlsx.Options{
		Sheet: c.options.Sheet, SkipLines: c.options.SkipLines, Header: c.options.Header,
		Settings: c.options.Settings, Unpacked: c.options.UnpackedBytes, MaxRecordBytes: c.options.MaxRecordBytes,
	})
	if err != nil {
		return err
	}
	c.file, c.book = file, file
	return file.Map(c.options.Mapping)
}

func (c *Content) chooseMembers(archive *compress.Archive) error {
	if err := refuseDocument(archive); err != nil {
		return err
	}
	for _, m := range archive.Members {
		if match := c.options.Members.Match; match != nil && !match(m.Name, m.Size) {
			continue
		}
		c.Members = append(c.Members, Input{
			Name: c.input.Name + MemberSeparator + m.Name, Size: m.Size, Member: true,
			Open: func(context.Context) (io.ReadCloser, error) {
				return m.Open(compress.Limits{Unpacked: c.options.UnpackedBytes})
			},
		})
	}
	if len(c.Members) > 0 {
		return nil
	}
	if len(archive.Members) == 0 {
		return problem.New(problem.Invalid, "The zip archive has no members.").WithReason(NotFoundInside).
			WithHint("Add files to the archive, or exclude the object.")
	}
	glob := c.options.Members.Glob
	if glob == "" {
		glob = allMembers
	}
	return problem.New(problem.Invalid, "No member of the zip archive matches %q. It has %s.", glob, names(archive)).
		WithReason(NotFoundInside).WithHint("Change the setting member of the source's format.")
}

// documents maps members that only archives of office programs have to the kind
// of document (ECMA-376, part 2; OpenDocument 1.3, part 2).
var documents = map[string]string{
	"xl/workbook.bin":       "a binary Excel workbook",
	"word/document.xml":     "a Word document",
	"ppt/presentation.xml":  "a PowerPoint presentation",
	"META-INF/manifest.xml": "an OpenDocument file",
}

// refuseDocument refuses files of office programs, which are also zip archives,
// because their parts aren't data.
func refuseDocument(archive *compress.Archive) error {
	for _, m := range archive.Members {
		if what := documents[m.Name]; what != "" {
			return problem.New(problem.Invalid, "The file is %s, which can't be loaded.", what).
				WithHint("Save the table as .xlsx or CSV and upload that.").WithReason(WrongFormat)
		}
	}
	return nil
}

// names lists the first members for people.
func names(archive *compress.Archive) string {
	var all []string
	for _, m := range archive.Members {
		all = append(all, m.Name)
	}
	return quoted(all)
}

func errArchive() error {
	return problem.New(problem.Invalid, "The file is a zip archive, whose members are read one by one.").
		WithHint("Load it from a bucket.").WithReason(WrongFormat)
}
