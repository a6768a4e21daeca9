// Every style sheet of the page, in order: library parts, fonts, tokens, ours.
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/ScrollArea.css';
import '@mantine/core/styles/Popover.css';
import '@mantine/core/styles/CloseButton.css';
import '@mantine/core/styles/Input.css';
import '@mantine/core/styles/Combobox.css';
import '@mantine/core/styles/Tooltip.css';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '../ui/styles/tokens.css';
import '../ui/styles/base.css';
import '../ui/styles/frame.css';
import '../ui/styles/parts.css';
import '../ui/styles/table.css';
import '../ui/styles/charts.css';
import '../ui/styles/mantine.css';
