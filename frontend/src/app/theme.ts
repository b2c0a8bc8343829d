/** The look: one accent, quiet greys that pass AA in both schemes, small radii, tabular numbers. */

import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const ink: MantineColorsTuple = [
  '#edf2fd', '#d8e2f8', '#b2c5f0', '#88a5e9', '#6a8de3', '#527ce0', '#4470d8', '#3560c2', '#2b55b0', '#1c479b',
]; // biome-ignore format: one line of shades
const slate: MantineColorsTuple = [
  '#e7ebef', '#c7ced5', '#a3aeb9', '#7f8b97', '#343e48', '#28313a', '#1a2128', '#12171d', '#0d1115', '#080b0e',
]; // biome-ignore format: one line of shades

export const theme = createTheme({
  colors: { ink, dark: slate },
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily: '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: { fontWeight: '620' },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300, events: { hover: true, focus: true, touch: true } } },
  },
});

/** Mantine's own dimmed and placeholder texts are too pale for AA. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#16202b',
    '--mantine-color-dimmed': '#55616d',
    '--mantine-color-placeholder': '#66727e',
    '--mantine-color-anchor': 'var(--mantine-color-ink-8)',
    '--mantine-color-error': '#c2252d',
    '--mantine-color-default-border': '#d5dbe1',
  },
  dark: {
    '--mantine-color-text': '#e7ebef',
    '--mantine-color-dimmed': '#a3aeb9',
    '--mantine-color-placeholder': '#8d99a5',
    '--mantine-color-anchor': 'var(--mantine-color-ink-3)',
    '--mantine-color-error': '#ff8080',
    '--mantine-color-default-border': '#343e48',
  },
});
