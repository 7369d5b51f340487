package s3store

import "io"

// Stream returns a part of the body as a reader. It must be closed, and read by
// one goroutine.
func (r *Reader) Stream(offset, length int64) io.ReadCloser {
	from, to := io.Pipe()
	go func() { to.CloseWithError(r.Send(to, offset, length)) }() // ends when the reader is closed
	return from
}
