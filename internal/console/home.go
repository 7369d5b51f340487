package console

// homePage is the first page: for a newcomer the four steps to a first
// answer, later what there is.
type homePage struct {
	shell
	Steps     []homeStep
	Figures   []homeFigure
	Attention []attention
	Loads     []loadView
}

// homeStep is one of the four steps.
type homeStep struct{ State, Name, Text, Verb, Path string }

// homeFigure is a number with the page behind it.
type homeFigure struct{ Icon, Name, Value, Text, Path string }

// attention is something that a person should look at.
type attention struct{ Tone, Icon, Title, Text, Link, Path string }

// StepsDone counts the steps that are done.
func (p *homePage) StepsDone() int {
	done := 0
	for _, s := range p.Steps {
		if s.State == "done" {
			done++
		}
	}
	return done
}

// Done says whether every step is done.
func (p *homePage) Done() bool { return p.StepsDone() == len(p.Steps) }
