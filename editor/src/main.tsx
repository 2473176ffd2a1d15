/** Starts the editor in the page. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Editor } from './app/Editor'
import './app/base.css'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Editor />
  </StrictMode>,
)
