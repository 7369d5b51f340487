package segment

import (
	"bytes"
	"context"

	"github.com/RoaringBitmap/roaring/v2"
)

// side has the rows of a segment or a run in a join, and marks those that lose
// against others.
type side struct {
	cursor
	lost *roaring.Bitmap
	on   bool // the cursor is on a row
}

func newSide(c cursor) *side { return &side{cursor: c, lost: roaring.New()} }

func (s *side) advance() error {
	s.on = s.next()
	return s.err()
}

// join finds rows with an equal index in a load and in its dataset.
type join struct {
	fresh   []*side // of the load, in the order of loading
	old     []*side // of the dataset
	replace bool    // keep the new row, not the old one

	tuple   []byte // of the group
	members []member
}

// member is a row of a group.
type member struct {
	side *side
	row  uint32
}

// run marks in each side the rows that lose.
func (j *join) run(ctx context.Context) error {
	return j.groups(ctx, func() (bool, error) { return true, j.decide() })
}

// twins reports whether a row of the load is equal in the index to another of
// the load or of the dataset.
func (j *join) twins(ctx context.Context) (found bool, err error) {
	err = j.groups(ctx, func() (bool, error) {
		found = len(j.members) > 1
		for _, s := range j.old {
			if err := s.reach(j.tuple); err != nil {
				return false, err
			}
			found = found || s.on && bytes.Equal(s.tuple(), j.tuple)
		}
		return !found, nil
	})
	return found, err
}

// groups calls fn for each group of equal rows of the load, until it returns
// false.
func (j *join) groups(ctx context.Context, fn func() (bool, error)) error {
	for _, s := range append(j.fresh[:len(j.fresh):len(j.fresh)], j.old...) {
		if err := s.advance(); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		ok, err := j.nextGroup()
		if err != nil || !ok {
			return err
		}
		if more, err := fn(); err != nil || !more {
			return err
		}
	}
}

// nextGroup collects the next rows of the load that are equal in the index, in
// the order of loading. It reports false at the end.
func (j *join) nextGroup() (bool, error) {
	var least *side
	for _, s := range j.fresh {
		if s.on && (least == nil || bytes.Compare(s.tuple(), least.tuple()) < 0) {
			least = s
		}
	}
	if least == nil {
		return false, nil
	}
	j.tuple = append(j.tuple[:0], least.tuple()...)
	j.members = j.members[:0]
	for _, s := range j.fresh {
		if err := j.collect(s); err != nil {
			return false, err
		}
	}
	return true, nil
}

// collect takes the rows of a side that belong to the group.
func (j *join) collect(s *side) error {
	for s.on && bytes.Equal(s.tuple(), j.tuple) {
		j.members = append(j.members, member{s, s.row()})
		if err := s.advance(); err != nil {
			return err
		}
	}
	return nil
}

// decide decides which row of the group to keep.
func (j *join) decide() error {
	fresh := len(j.members)
	for _, s := range j.old {
		if err := s.reach(j.tuple); err != nil {
			return err
		}
		if err := j.collect(s); err != nil {
			return err
		}
	}
	if len(j.members) == 1 {
		return nil
	}
	stays := 0 // keep the first row of the load
	if j.replace {
		stays = fresh - 1
	}
	for i, m := range j.members {
		isOld := i >= fresh
		switch {
		case !j.replace && isOld: // there are several only if the index wasn't unique before
		case !j.replace && i == stays && len(j.members) == fresh:
		case j.replace && i == stays:
		default:
			m.side.lost.Add(m.row)
		}
	}
	return nil
}

// jumpAfter is the number of rows to walk before trying a jump.
const jumpAfter = 4096

// reach moves to the first row whose index is at least tuple.
func (s *side) reach(tuple []byte) error {
	for n := 1; s.on && bytes.Compare(s.tuple(), tuple) < 0; n++ {
		if f, ok := s.cursor.(*fileCursor); ok && n == jumpAfter {
			f.jump(tuple)
		}
		if err := s.advance(); err != nil {
			return err
		}
	}
	return nil
}
