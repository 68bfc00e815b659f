package transport

// Again reports whether another attempt may help.
func (f *Failure) Again() bool { return f.again }
