// Keeps a fault of one screen from taking the frame down, and says what can be done.
import { Component, type ReactNode } from 'react';
import { AppError, isAppError } from '#shared/errors';
import { ErrorNote } from '../ui/ErrorNote.tsx';

interface State { readonly error: Error | null; /** The screen that the error belongs to. */ readonly key: string }

// React offers error boundaries only as classes.
export class ErrorBoundary extends Component<{ readonly resetKey: string; readonly children: ReactNode }, State> {
  override state: State = { error: null, key: this.props.resetKey };
  static getDerivedStateFromError(error: Error) { return { error }; }
  static getDerivedStateFromProps({ resetKey }: { readonly resetKey: string }, { key }: State): Partial<State> | null { return resetKey === key ? null : { error: null, key: resetKey }; }
  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const shown = isAppError(error) ? error : new AppError('INTERNAL', 'This screen ran into a fault and was stopped; the rest of Millwright and all tasks go on.', { hint: 'Open the screen again. If it happens again, copy the details and report them.' });
    return <ErrorNote error={shown} onRetry={() => this.setState({ error: null })} retryLabel="Open again" details={`${error.name}: ${error.message}\n${error.stack ?? ''}`} />;
  }
}
