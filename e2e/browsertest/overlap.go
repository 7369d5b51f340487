package browsertest

import (
	"flag"
	"runtime"
	"strconv"
)

// Overlap runs twice as many tests at a time as there are processors, unless
// -parallel says otherwise: tests with a browser wait more than they compute. Call it
// from TestMain.
func Overlap() error {
	flag.Parse()
	var set bool
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "test.parallel" })
	if set {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
}
