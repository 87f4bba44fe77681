package command

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"

	"github.com/korakagazindia/provisioner/internal/config"
)

// progress says on a terminal what is being done, and elsewhere nothing.
func progress(stderr io.Writer) func(what string) {
	return func(what string) {
		if terminal(stderr) {
			fmt.Fprintf(stderr, "kora: %s\n", what)
		}
	}
}

// terminal tells whether a person sees at once what is written.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// misuseOfContext makes mistakes in context keys what they are: a command line that was not understood.
func misuseOfContext(err error) error {
	var fault config.Fault
	if errors.As(err, &fault) {
		return misuseError{err}
	}
	return err
}
