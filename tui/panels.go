package tui

type stub struct{ title string }

func (p *stub) name() string                         { return p.title }
func (p *stub) refresh(m *model)                     {}
func (p *stub) bindings(m *model) []binding          { return nil }
func (p *stub) render(m *model, w, h int) []string   { return m.theme.pad(nil, w, h) }
func (p *stub) remark() string                       { return "" }
func (p *stub) setFilter(m *model, f filter)         {}
func (p *stub) click(m *model, x, y int, wheel int8) {}

func newListsPanel() panel { return &stub{"Lists"} }
